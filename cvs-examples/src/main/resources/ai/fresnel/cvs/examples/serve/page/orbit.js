// Turning with mouse, pen, finger or keys.

const DEGREES_PER_WIDTH = 360; // a drag across the whole frame is one turn
const KEY_STEP = 6;
const KEY_STEP_FINE = 1;

/** Calls turn(azimuth, elevation) in degrees to add, reset(), and stopped() at the end of a drag. */
export function attachOrbit(element, { enabled, turn, reset, stopped }) {
  let last = null;

  element.addEventListener("pointerdown", (event) => {
    if (!enabled() || !event.isPrimary || event.button !== 0) return;
    last = { x: event.clientX, y: event.clientY };
    element.setPointerCapture(event.pointerId);
    element.classList.add("turning");
    element.focus({ preventScroll: true });
  });

  element.addEventListener("pointermove", (event) => {
    if (!last || !event.isPrimary) return;
    const scale = DEGREES_PER_WIDTH / element.clientWidth;
    // Dragging to the right turns the object's left side to us: the camera goes the other way.
    turn(-(event.clientX - last.x) * scale, (event.clientY - last.y) * scale * 0.5);
    last = { x: event.clientX, y: event.clientY };
  });

  const end = () => {
    if (!last) return;
    last = null;
    element.classList.remove("turning");
    stopped();
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);

  element.addEventListener("keydown", (event) => {
    if (!enabled() || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? KEY_STEP_FINE : KEY_STEP;
    const move = {
      ArrowLeft: [step, 0],
      ArrowRight: [-step, 0],
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
    }[event.key];
    if (move) {
      turn(...move);
    } else if (event.key === "Home") {
      reset();
    } else {
      return;
    }
    event.preventDefault();
    stopped();
  });
}

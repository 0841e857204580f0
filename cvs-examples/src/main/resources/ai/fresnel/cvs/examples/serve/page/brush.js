// The mask, painted over the photograph. The mask canvas has the photograph's own pixels; what is
// shown is at most SHOWN wide.

const SHOWN = 1024;
const VEIL = [38, 42, 54, 185]; // the colour over what is no part of the object

export class Brush {
  #canvas;
  #context;
  #photo = null;
  #mask = null;
  #veil = null;
  #last = null;

  constructor(canvas, { size, adds }) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.size = size;
    this.adds = adds;
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.#mask || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.#last = this.#place(event);
      this.#stroke(this.#last);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.#last) this.#stroke(this.#place(event));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => (this.#last = null));
    }
  }

  /** Shows a photograph (a bitmap, upright) under the mask that the server has of it. */
  show(photo, width, height, mask) {
    this.#photo = photo;
    const scale = Math.min(1, SHOWN / Math.max(width, height));
    this.#canvas.width = Math.max(1, Math.round(width * scale));
    this.#canvas.height = Math.max(1, Math.round(height * scale));
    this.#canvas.classList.toggle("tall", height > width);
    this.#mask = new OffscreenCanvas(width, height);
    const ink = this.#mask.getContext("2d");
    ink.fillStyle = "#000";
    ink.fillRect(0, 0, width, height);
    if (mask) ink.drawImage(mask, 0, 0, width, height);
    this.#veil = new OffscreenCanvas(this.#canvas.width, this.#canvas.height);
    this.#draw();
  }

  clear() {
    if (!this.#mask) return;
    const ink = this.#mask.getContext("2d");
    ink.fillStyle = "#000";
    ink.fillRect(0, 0, this.#mask.width, this.#mask.height);
    this.#draw();
  }

  /** The mask as PNG, white on black, of the photograph's size. */
  png() {
    return this.#mask.convertToBlob({ type: "image/png" });
  }

  get ready() {
    return this.#mask !== null;
  }

  #place(event) {
    const box = this.#canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.#mask.width,
      y: ((event.clientY - box.top) / box.height) * this.#mask.height,
    };
  }

  #stroke(to) {
    const ink = this.#mask.getContext("2d");
    const shown = this.#canvas.getBoundingClientRect().width;
    ink.strokeStyle = this.adds() ? "#fff" : "#000";
    ink.lineWidth = (this.size() * this.#mask.width) / shown;
    ink.lineCap = ink.lineJoin = "round";
    ink.beginPath();
    ink.moveTo(this.#last.x, this.#last.y);
    ink.lineTo(to.x + 0.01, to.y);
    ink.stroke();
    this.#last = to;
    this.#draw();
  }

  #draw() {
    const { width, height } = this.#canvas;
    const veil = this.#veil.getContext("2d", { willReadFrequently: true });
    veil.drawImage(this.#mask, 0, 0, width, height);
    const pixels = veil.getImageData(0, 0, width, height);
    const data = pixels.data;
    for (let i = 0; i < data.length; i += 4) {
      const outside = 1 - data[i] / 255;
      data[i] = VEIL[0];
      data[i + 1] = VEIL[1];
      data[i + 2] = VEIL[2];
      data[i + 3] = VEIL[3] * outside;
    }
    veil.putImageData(pixels, 0, 0);
    this.#context.clearRect(0, 0, width, height);
    this.#context.drawImage(this.#photo, 0, 0, width, height);
    this.#context.drawImage(this.#veil, 0, 0);
  }
}

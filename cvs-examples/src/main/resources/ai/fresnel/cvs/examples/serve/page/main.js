// The page: what is chosen, and who must hear of it.

import * as api from "./api.js";
import { Brush } from "./brush.js";
import { attachDownloads, offerSplat } from "./downloads.js";
import { attachOrbit } from "./orbit.js";
import { attachInputs } from "./photograph.js";
import { SplatTab } from "./splat.js";
import { ViewStream } from "./views.js";

const $ = (id) => document.getElementById(id);
const HIGHEST = 88; // degrees: at the poles a view would spin
const PACES = 12; // views of which the pace is told

let model = null;
let photograph = null;
let bitmap = null;
let blob = null;
let pose = { azimuth: 0, elevation: 0 };
let paces = [];

// What is said

function say(sentence) {
  $("notice").textContent = sentence ?? "";
  $("notice").hidden = !sentence;
}

const signed = (degrees) => `${degrees > 0 ? "+" : ""}${Math.round(degrees)}°`;

// Views

function order() {
  return {
    azimuth: pose.azimuth,
    elevation: pose.elevation,
    seed: Number($("seed").value) || 0,
    steps: Number(document.querySelector("input[name=steps]:checked")?.value ?? 0),
    temperature: $("temperature").disabled ? null : Number($("temperature").value),
  };
}

const stream = new ViewStream((png, milliseconds, of) => {
  if (of.photograph !== photograph) return;
  blob = png;
  const before = $("view").src;
  $("view").src = URL.createObjectURL(png);
  if (before) URL.revokeObjectURL(before);
  $("view").alt = `The object, ${Math.round(of.view.azimuth)} degrees around and ` +
    `${Math.round(of.view.elevation)} up from the photograph`;
  $("view").dataset.azimuth = of.view.azimuth;
  $("view").hidden = false;
  $("drop").hidden = true;
  paces = [...paces.slice(1 - PACES), milliseconds];
  const middle = [...paces].sort((a, b) => a - b)[Math.floor(paces.length / 2)];
  $("pace").value = `${Math.round(middle)} ms a view`;
}, say);

function draw() {
  if (!photograph || photograph.problem) return;
  $("pose").value = `around ${signed(pose.azimuth)}, up ${signed(pose.elevation)}`;
  stream.ask(photograph, order());
}

function turn(azimuth, elevation) {
  const camera = photograph.camera.elevation;
  pose.azimuth = ((pose.azimuth + azimuth + 540) % 360) - 180;
  pose.elevation = Math.max(
    -HIGHEST - camera, Math.min(HIGHEST - camera, pose.elevation + elevation));
  draw();
}

attachOrbit($("orbit"), {
  enabled: () => photograph && !photograph.problem,
  turn,
  reset: () => {
    pose = { azimuth: 0, elevation: 0 };
    draw();
  },
  stopped: draw,
});

// Photographs

async function take(file) {
  if (model && file.size > model.uploadBytes) {
    say(`The file is ${(file.size / 1e6).toFixed(1)} MB long, expected at most ${model.uploadBytes / 1e6} MB.`);
    return;
  }
  say(null);
  document.body.setAttribute("aria-busy", "true");
  try {
    const [sent, upright] = await Promise.all([
      api.send(file),
      createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null),
    ]);
    bitmap = upright;
    pose = { azimuth: 0, elevation: 0 };
    changed(sent);
    showTab(sent.problem ? "mask" : $("panel-mask").hidden ? null : "view");
  } catch (refused) {
    say(refused.message);
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

/** Hears of a new photograph, or of the same with another mask or camera. */
async function changed(next) {
  photograph = next;
  paces = [];
  const good = !next.problem;
  for (const control of [$("height"), $("distance"), ...$("downloads").children]) {
    control.disabled = !good;
  }
  $("height").disabled = $("distance").disabled = false;
  $("height").value = next.camera.elevation;
  $("distance").value = next.camera.radius;
  readings();
  splatTab.forget();
  $("framed").hidden = !good;
  $("photo-hint").textContent = good
    ? `${next.width} × ${next.height} pixels, ${next.masked ? "masked by hand" : "object found"}`
    : `${next.width} × ${next.height} pixels`;
  if (good) {
    say(null);
    draw();
    const old = $("framed").src;
    $("framed").src = URL.createObjectURL(await api.framed(next));
    $("framed").alt = "The photograph as the network sees it, framed on white";
    if (old) URL.revokeObjectURL(old);
    if (!$("panel-splat").hidden) splatTab.open(next, next.camera.elevation);
  } else {
    say(`${next.problem}. Paint where the object is.`);
  }
  prepareBrush(next);
}

attachInputs({ input: $("file"), example: $("example"), page: document.body }, take);

// Mask

const brush = new Brush($("brush"), {
  size: () => Number($("brush-size").value),
  adds: () => document.querySelector("input[name=brush]:checked").value === "add",
});

async function prepareBrush(of) {
  if (!bitmap || of !== photograph) return;
  let mask = null;
  if (!of.problem) {
    mask = await createImageBitmap(await api.mask(of)).catch(() => null);
  }
  if (of === photograph) brush.show(bitmap, of.width, of.height, mask);
}

$("brush-clear").addEventListener("click", () => brush.clear());
$("brush-apply").addEventListener("click", async () => {
  if (!brush.ready) return;
  try {
    const next = await api.sendMask(photograph, await brush.png());
    changed(next);
    if (!next.problem) showTab("view");
  } catch (refused) {
    say(refused.message);
  }
});

// Controls

function readings() {
  $("height-out").value = `${$("height").value}°`;
  $("distance-out").value = Number($("distance").value).toFixed(2);
  $("temperature-out").value = Number($("temperature").value).toFixed(2).replace(/\.?0+$/, "");
  const steps = order().steps;
  $("seed-hint").textContent =
    order().temperature === 0 && steps <= 1
      ? "Without variety, one step draws the same for every seed."
      : "The same seed draws the same again.";
}

for (const id of ["height", "distance"]) {
  $(id).addEventListener("input", readings);
  $(id).addEventListener("change", async () => {
    if (!photograph) return;
    try {
      const camera = { elevation: Number($("height").value), radius: Number($("distance").value) };
      changed(await api.setCamera(photograph, camera));
    } catch (refused) {
      say(refused.message);
    }
  });
}
for (const id of ["temperature", "seed"]) {
  $(id).addEventListener("input", () => {
    readings();
    draw();
  });
}
$("dice").addEventListener("click", () => {
  $("seed").value = Math.floor(Math.random() * 1_000_000);
  draw();
});

attachDownloads($("downloads"), () => ({ photograph, view: order(), blob }), say);

// Tabs

const splatTab = new SplatTab(
  {
    canvas: $("splat"),
    over: $("splat-over"),
    state: $("splat-state"),
    progress: $("splat-progress"),
    reading: $("splat-reading"),
  },
  (ready) => offerSplat($("splat-downloads"), ready),
);

const tabs = ["view", "splat", "mask"];

function showTab(name) {
  if (!name) return;
  for (const each of tabs) {
    const chosen = each === name;
    $(`tab-${each}`).setAttribute("aria-selected", String(chosen));
    $(`tab-${each}`).tabIndex = chosen ? 0 : -1;
    $(`panel-${each}`).hidden = !chosen;
  }
  splatTab.pause(name !== "splat");
  if (name === "splat" && photograph && !photograph.problem) {
    splatTab.open(photograph, photograph.camera.elevation);
  }
}

for (const [place, name] of tabs.entries()) {
  $(`tab-${name}`).addEventListener("click", () => showTab(name));
  $(`tab-${name}`).addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    const next = tabs[(place + move + tabs.length) % tabs.length];
    showTab(next);
    $(`tab-${next}`).focus();
  });
}

// The model

function offerSteps(steps) {
  const usual = steps.length ? steps : [0];
  for (const [place, count] of usual.entries()) {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), {
      type: "radio", name: "steps", value: count, checked: place === 0,
    });
    const text = document.createElement("span");
    text.textContent = count || "usual";
    label.append(input, text);
    input.addEventListener("change", () => {
      readings();
      draw();
    });
    $("steps").append(label);
  }
}

try {
  model = await api.health();
  $("model").textContent = `${model.model}, ${model.imageSize} × ${model.imageSize} pixels`;
  $("temperature").value = model.temperature;
  $("temperature").disabled = model.steps.length === 0;
  $("tab-splat").hidden = !model.splat;
  offerSteps(model.steps);
  readings();
} catch (refused) {
  say(refused.message);
}
document.body.dataset.ready = "true";

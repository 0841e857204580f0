// The 3D tab: asks for Gaussians, watches them being made, shows the newest. three.js and Spark are
// loaded when the tab is first opened.

import * as api from "./api.js";

const POLL = 500; // milliseconds
const DISTANCE = 1.7; // object lengths, as of the photograph's camera
const FIELD_OF_VIEW = 49.13; // degrees, that of the views
const KEY_TURN = 0.1; // radians
const SETTLE = 2000; // milliseconds after a change in which Spark may still sort

const WORDS = {
  waiting: "Waiting for other splats…",
  drawing: "Drawing views…",
  fitting: "Fitting Gaussians to the views…",
};

export class SplatTab {
  #viewer = null;
  #photograph = null;
  #version = 0;
  #timer = 0;

  /** elements: canvas, over, state, progress, reading. */
  constructor(elements, onReady) {
    this.elements = elements;
    this.onReady = onReady;
  }

  /** Begins with another photograph, or none. */
  forget() {
    clearTimeout(this.#timer);
    this.#photograph = null;
    this.#version = 0;
    this.#viewer?.clear();
    this.#say("Choose a photograph first.");
    this.elements.progress.hidden = true;
    this.elements.reading.value = "";
    this.onReady(null);
  }

  async open(photograph, heightDegrees) {
    if (!photograph || photograph === this.#photograph) return;
    this.#photograph = photograph;
    this.#say("Making Gaussians…");
    try {
      const started = api.startSplat(photograph);
      if (!this.#viewer) this.#viewer = await Viewer.make(this.elements.canvas);
      this.#viewer.stand(heightDegrees);
      this.#show(photograph, await started);
    } catch (error) {
      this.#photograph = null;
      this.#say(error.message);
    }
  }

  #say(text) {
    this.elements.over.hidden = !text;
    this.elements.state.textContent = text ?? "";
  }

  async #show(photograph, status) {
    if (photograph !== this.#photograph) return;
    const { progress, reading } = this.elements;
    const ended = status.state === "done" || status.state === "failed";
    progress.hidden = ended;
    progress.value = status.progress;
    reading.value = ended
      ? `${status.gaussians.toLocaleString("en")} Gaussians`
      : (WORDS[status.state] ?? "");
    if (status.error) this.#say(status.error);
    try {
      if (status.version > this.#version) {
        this.#version = status.version;
        await this.#viewer.load(`${api.splatFile(photograph, "splat")}?${status.version}`);
        this.#say(null);
        this.onReady(photograph);
      }
      if (ended) return;
      this.#timer = setTimeout(async () => {
        try {
          this.#show(photograph, await api.splat(photograph));
        } catch (error) {
          this.#say(error.message);
        }
      }, POLL);
    } catch (error) {
      this.#say(error.message);
    }
  }

  pause(paused) {
    this.#viewer?.pause(paused);
  }
}

/** three.js with one splat. Draws only while something changes, or has just changed. */
class Viewer {
  #until = 0;

  static async make(canvas) {
    const [THREE, { OrbitControls }, { SparkRenderer, SplatMesh }] = await Promise.all([
      import("three"),
      import("three/addons/controls/OrbitControls.js"),
      import("spark"),
    ]);
    return new Viewer(canvas, THREE, OrbitControls, SparkRenderer, SplatMesh);
  }

  constructor(canvas, THREE, OrbitControls, SparkRenderer, SplatMesh) {
    this.THREE = THREE;
    this.SplatMesh = SplatMesh;
    this.canvas = canvas;
    this.renderer = new THREE.WebGLRenderer({ canvas, antialias: false, preserveDrawingBuffer: true });
    this.renderer.setClearColor(0xffffff, 1);
    this.scene = new THREE.Scene();
    this.scene.add(new SparkRenderer({ renderer: this.renderer }));
    this.camera = new THREE.PerspectiveCamera(FIELD_OF_VIEW, 1, 0.05, 50);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enableDamping = true;
    this.controls.minDistance = 0.4;
    this.controls.maxDistance = 6;
    this.controls.enablePan = false;
    this.controls.addEventListener("change", () => this.#wake());
    canvas.addEventListener("keydown", (event) => this.#key(event));
    this.pause(false);
  }

  /** Puts the camera where the photograph's stood: azimuth 0 is on +x of the world. */
  stand(heightDegrees) {
    const up = (heightDegrees * Math.PI) / 180;
    // The file has y down and z away from the viewer; turned about x it is three.js's (x, z, -y).
    this.camera.position.set(DISTANCE * Math.cos(up), DISTANCE * Math.sin(up), 0);
    this.controls.target.set(0, 0, 0);
    this.controls.update();
  }

  async load(url) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`The splat does not come: ${answer.status}.`);
    const fileBytes = new Uint8Array(await answer.arrayBuffer());
    const mesh = new this.SplatMesh({ fileBytes, fileType: "splat", fileName: "splat.splat" });
    mesh.quaternion.set(1, 0, 0, 0);
    await mesh.initialized;
    this.clear();
    this.mesh = mesh;
    this.scene.add(mesh);
    this.#wake();
    this.canvas.dataset.splats = String(fileBytes.length / 32);
  }

  clear() {
    if (!this.mesh) return;
    this.scene.remove(this.mesh);
    this.mesh.dispose();
    this.mesh = null;
    delete this.canvas.dataset.splats;
    this.#wake();
  }

  #wake() {
    this.#until = performance.now() + SETTLE;
  }

  pause(paused) {
    this.renderer.setAnimationLoop(paused ? null : () => this.#tick());
  }

  #tick() {
    const side = this.canvas.clientWidth;
    if (!side) return;
    const pixels = Math.round(side * Math.min(2, devicePixelRatio));
    if (this.canvas.width !== pixels) {
      this.renderer.setSize(pixels, pixels, false);
      this.#wake();
    }
    this.controls.update();
    if (performance.now() < this.#until) this.renderer.render(this.scene, this.camera);
  }

  #key(event) {
    const turn = {
      ArrowLeft: [-KEY_TURN, 0],
      ArrowRight: [KEY_TURN, 0],
      ArrowUp: [0, -KEY_TURN],
      ArrowDown: [0, KEY_TURN],
    }[event.key];
    if (!turn) return;
    const place = new this.THREE.Spherical().setFromVector3(this.camera.position);
    place.theta += turn[0];
    place.phi = Math.min(Math.PI - 0.05, Math.max(0.05, place.phi + turn[1]));
    this.camera.position.setFromSpherical(place);
    event.preventDefault();
  }
}

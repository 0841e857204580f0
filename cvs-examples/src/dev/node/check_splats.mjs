// Files of Gaussians that CVS wrote, opened by public readers for the browser, to compare their numbers.
//
// For developers; nothing of CVS needs it. Copy it into an empty folder, and there:
//
//     npm install three @mkkellogg/gaussian-splats-3d @playcanvas/splat-transform gltf-validator
//     node check_splats.mjs DIR/cloud.ply DIR/cloud.splat DIR/cloud.spz DIR/cloud.glb [DIR/mesh.glb …]
//
// gaussian-splats-3d and PlayCanvas' splat-transform read .ply, .splat and .spz, Khronos' validator the .glb
// files. Positions, scales and opacities are compared with those of the .ply, turned into each format's axes;
// splat-transform turns .spz into the axes of .splat itself.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";

// Before there is a document: it looks for its own script in one.
const { default: validator } = await import("gltf-validator");
globalThis.window ??= globalThis;
globalThis.document ??= { createElement: () => ({ getContext: () => null, style: {} }) };
const { PlyParser, SplatParser, SpzLoader } = await import("@mkkellogg/gaussian-splats-3d");
const { Quaternion, Vector3, Vector4 } = await import("three");

let good = true;

/** Prints the largest differences of positions and log scales, rows [x, y, z, sx, sy, sz, opacity]. */
function compare(what, expected, found, bounds) {
  const largest = [0, 0, 0];
  expected.forEach((row, i) => {
    for (let c = 0; c < 3; c++) {
      largest[0] = Math.max(largest[0], Math.abs(row[c] - found[i][c]));
      largest[1] = Math.max(largest[1], Math.abs(Math.log(row[3 + c] / found[i][3 + c])));
    }
    largest[2] = Math.max(largest[2], Math.abs(row[6] - found[i][6]));
  });
  const sound = expected.length === found.length && largest.every((value, i) => value <= bounds[i]);
  good &&= sound;
  console.log(
    `${what}: ${found.length} Gaussians, position ${largest[0].toPrecision(3)}, ` +
      `log scale ${largest[1].toPrecision(3)}, opacity ${largest[2].toPrecision(3)}` +
      (sound ? "" : `   TOO FAR, expected at most ${bounds}`),
  );
}

/** Rows of what gaussian-splats-3d calls an uncompressed array; opacities have 8 bits there. */
function rows(array) {
  const o = array.constructor.OFFSET;
  return array.splats.map((s) => [
    s[o.X], s[o.Y], s[o.Z], s[o.SCALE0], s[o.SCALE1], s[o.SCALE2], s[o.OPACITY] / 255,
  ]);
}

/** Rows of what splat-transform makes of a file. */
function transformed(file) {
  const folder = mkdtempSync(join(tmpdir(), "splats-"));
  try {
    const table = join(folder, "cloud.csv");
    execFileSync("npx", ["splat-transform", "-q", file, table], { stdio: "ignore" });
    const [header, ...lines] = readFileSync(table, "utf8").trim().split("\n");
    const names = header.split(",");
    const columns = ["x", "y", "z", "scale_0", "scale_1", "scale_2", "opacity"].map((n) => names.indexOf(n));
    return lines.map((line) => {
      const values = line.split(",").map(Number);
      const row = columns.map((column) => values[column]);
      return [...row.slice(0, 3), ...row.slice(3, 6).map(Math.exp), 1 / (1 + Math.exp(-row[6]))];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const bytes = (file) => readFileSync(file);
const buffer = (file) => new Uint8Array(bytes(file)).buffer;
const yUp = (r) => [r[0], r[2], -r[1], ...r.slice(3)];
const yDown = (r) => [r[0], -r[2], r[1], ...r.slice(3)];
// Opacities are cut off to 8 bits by the reader, and rounded by us.
const exact = [1e-6, 1e-5, 1.01 / 255];
const packed = [0.501 / 4096, 0.501 / 16, 1.01 / 255];

let world = [];
for (const file of process.argv.slice(2)) {
  const name = basename(file);
  switch (extname(file)) {
    case ".ply":
      world = rows(PlyParser.parseToUncompressedSplatArray(buffer(file), 0));
      console.log(`${name} by gaussian-splats-3d: ${world.length} Gaussians`);
      break;
    case ".splat":
      compare(
        `${name} by gaussian-splats-3d`,
        world.map(yDown),
        rows(SplatParser.parseStandardSplatToUncompressedSplatArray(buffer(file))),
        exact,
      );
      compare(`${name} by splat-transform`, world.map(yDown), transformed(file), exact);
      break;
    case ".spz": {
      const splats = await SpzLoader.loadFromFileData(bytes(file), 0, 0, false, 0);
      const found = [];
      for (let i = 0; i < splats.getSplatCount(); i++) {
        const [centre, scale, rotation, colour] = [new Vector3(), new Vector3(), new Quaternion(), new Vector4()];
        splats.getSplatCenter(i, centre);
        splats.getSplatScaleAndRotation(i, scale, rotation);
        splats.getSplatColor(i, colour);
        found.push([...centre.toArray(), ...scale.toArray(), colour.w / 255]);
      }
      compare(`${name} by gaussian-splats-3d`, world.map(yUp), found, packed);
      compare(`${name} by splat-transform`, world.map(yDown), transformed(file), packed);
      break;
    }
    case ".glb": {
      const report = await validator.validateBytes(new Uint8Array(bytes(file)));
      // It does not know the extension, nor its names, which begin with it.
      const known = (m) => !(m.pointer.includes("KHR_gaussian_splatting") || m.message.includes("KHR_gaussian"));
      const messages = report.issues.messages.filter(known);
      good &&= messages.every((m) => m.severity > 1);
      console.log(
        `${name} by Khronos' validator: ${messages.length} messages, ` +
          `${report.info.totalVertexCount} vertices, ${report.info.totalTriangleCount} triangles`,
      );
      messages.forEach((m) => console.log(`    ${m.severity} ${m.code} ${m.message} ${m.pointer}`));
      break;
    }
    default:
      throw new Error(`${file}: expected .ply, .splat, .spz or .glb`);
  }
}
console.log(good ? "all within the steps of their formats" : "NOT ALL AGREE");
process.exit(good ? 0 : 1);

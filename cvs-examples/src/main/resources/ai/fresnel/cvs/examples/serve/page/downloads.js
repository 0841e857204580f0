// Files to keep.

import * as api from "./api.js";

const NAMES = { sheet: "sheet.png", gif: "orbit.gif", cameras: "transforms.json", all: "orbit.zip" };

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The buttons of views and orbits. current() is {photograph, view, blob}. */
export function attachDownloads(box, current, say) {
  box.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-part]");
    if (!button) return;
    const { photograph, view, blob } = current();
    const part = button.dataset.part;
    if (part === "view") {
      if (blob) save(blob, `view-${Math.round(view.azimuth)}-${Math.round(view.elevation)}.png`);
      return;
    }
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      const { elevation, seed, steps, temperature } = view;
      const order = { elevation, seed, steps, temperature };
      save(await api.orbit(photograph, part === "all" ? "" : part, order), NAMES[part]);
      say(null);
    } catch (refused) {
      say(refused.message);
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  });
}

/** Gives the links of the splat their addresses; null takes them away. */
export function offerSplat(box, photograph) {
  box.hidden = !photograph;
  for (const link of box.querySelectorAll("a")) {
    if (photograph) link.href = api.splatFile(photograph, link.dataset.format);
    else link.removeAttribute("href");
  }
}

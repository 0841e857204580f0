// Ways in: drop, choose, paste, example.

/** Calls take(file) with what was dropped, chosen or pasted. */
export function attachInputs({ input, example, page }, take) {
  input.addEventListener("change", () => {
    if (input.files[0]) take(input.files[0]);
    input.value = "";
  });
  example.addEventListener("click", async () => {
    const answer = await fetch("/examples/chair.png");
    take(await answer.blob());
  });

  let depth = 0;
  const holdsFile = (event) => event.dataTransfer?.types.includes("Files");
  page.addEventListener("dragenter", (event) => {
    if (holdsFile(event)) {
      depth++;
      page.classList.add("over-file");
    }
  });
  page.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) page.classList.remove("over-file");
  });
  page.addEventListener("dragover", (event) => {
    if (holdsFile(event)) event.preventDefault();
  });
  page.addEventListener("drop", (event) => {
    depth = 0;
    page.classList.remove("over-file");
    if (!holdsFile(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  page.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith("image/"));
    if (file) take(file);
  });
}

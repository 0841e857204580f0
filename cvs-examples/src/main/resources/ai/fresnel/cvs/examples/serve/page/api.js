// The server's JSON API. An answer that is an error is thrown with the server's own sentence.

export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

async function ask(method, path, body, type) {
  let answer;
  try {
    answer = await fetch(path, { method, body, headers: type ? { "Content-Type": type } : {} });
  } catch {
    throw new Refused(0, "The server does not answer. Is it still running?");
  }
  if (!answer.ok) {
    const text = await answer.text();
    let sentence = `The server answers ${answer.status}.`;
    try {
      sentence = JSON.parse(text).error;
    } catch { /* no JSON: keep the status */ }
    throw new Refused(answer.status, sentence);
  }
  return answer;
}

const json = (method, path, value) =>
  ask(method, path, value === undefined ? undefined : JSON.stringify(value), "application/json");

const of = (photograph) => `/api/photographs/${photograph.id}`;

export const health = async () => (await ask("GET", "/health")).json();

export const send = async (file) =>
  (await ask("POST", "/api/photographs", file, "application/octet-stream")).json();

export const sendMask = async (photograph, png) =>
  (await ask("PUT", `${of(photograph)}/mask`, png, "image/png")).json();

export const setCamera = async (photograph, camera) =>
  (await json("PUT", `${of(photograph)}/camera`, camera)).json();

export const framed = async (photograph) => (await ask("GET", `${of(photograph)}/framed.png`)).blob();

export const mask = async (photograph) => (await ask("GET", `${of(photograph)}/mask.png`)).blob();

/** part is "" for all files, or sheet, gif, cameras. */
export const orbit = async (photograph, part, order) =>
  (await json("POST", `${of(photograph)}/orbit${part ? "/" + part : ""}`, order)).blob();

export const startSplat = async (photograph) => (await json("POST", `${of(photograph)}/splat`)).json();

export const splat = async (photograph) => (await ask("GET", `${of(photograph)}/splat`)).json();

export const splatFile = (photograph, format) => `${of(photograph)}/splat/splat.${format}`;

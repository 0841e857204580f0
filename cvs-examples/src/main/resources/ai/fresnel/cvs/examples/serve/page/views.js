// Views through a WebSocket. Each pose is asked for at once; the server draws the newest and drops
// those in between, so pictures come at the pace of the network.

const RETRY_BUSY = 400; // milliseconds until a refused pose is asked for again
const RECONNECT = [500, 1000, 2000, 5000];

export class ViewStream {
  #socket = null;
  #number = 0;
  #shown = 0;
  #last = null;
  #asked = new Map();
  #failures = 0;
  #closed = false;

  /** onView(blob, milliseconds, order) for each view; onTrouble(sentence or null). */
  constructor(onView, onTrouble) {
    this.onView = onView;
    this.onTrouble = onTrouble;
    this.#connect();
  }

  #connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/socket`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#failures = 0;
      this.onTrouble(null);
      if (this.#last) this.ask(this.#last.photograph, this.#last.view);
    };
    socket.onmessage = (message) => this.#answer(message.data);
    socket.onclose = () => {
      if (this.#closed) return;
      const wait = RECONNECT[Math.min(this.#failures++, RECONNECT.length - 1)];
      if (this.#failures > 1) this.onTrouble("The server does not answer. Trying again…");
      setTimeout(() => this.#connect(), wait);
    };
    this.#socket = socket;
  }

  ask(photograph, view) {
    this.#last = { photograph, view };
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const request = ++this.#number;
    this.#asked.set(request, { at: performance.now(), photograph, view });
    this.#socket.send(JSON.stringify({ request, photograph: photograph.id, view }));
  }

  #answer(data) {
    if (typeof data === "string") {
      const refusal = JSON.parse(data);
      if (refusal.status === 429) {
        const newest = this.#last;
        setTimeout(() => newest === this.#last && this.ask(newest.photograph, newest.view), RETRY_BUSY);
      } else if (refusal.request === 0 || refusal.request === this.#number) {
        this.onTrouble(refusal.error);
      }
      return;
    }
    const request = Number(new DataView(data).getBigInt64(0));
    const order = this.#asked.get(request);
    if (!order || request < this.#shown) return;
    this.#shown = request;
    for (const older of this.#asked.keys()) {
      if (older <= request) this.#asked.delete(older);
    }
    this.onTrouble(null);
    this.onView(
      new Blob([data.slice(8)], { type: "image/png" }), performance.now() - order.at, order);
  }

  close() {
    this.#closed = true;
    this.#socket.close();
  }
}

// A file goes up in slices; where it stands is asked of the server, so that nothing is lost but what was under way.
const SLICE = 8 * 1024 * 1024;
const STALLED = 30; // seconds without a byte until a slice is given up and tried again
const KEPT = 86_400_000; // milliseconds that the server keeps an unfinished upload
const PREFIX = "plumbline-upload:";
const LOST = "Connection lost, trying again.";

class Refused extends Error {
  constructor(status, answer) {
    super(answer.error ?? `The server refuses the file (${status}).`);
    this.status = status;
    this.answer = answer;
  }
}
class Lost extends Error {}
class Cancelled extends Error {}

/** Give the server's answer to one request; throws `Refused` when it says no, `Lost` when it cannot be reached. */
async function ask(method, address, body) {
  let response, text;
  try {
    response = await fetch(address, { method, body, cache: "no-store" });
    text = await response.text();
  } catch {
    throw new Lost();
  }
  return read(response.status, text);
}

function read(status, text) {
  let answer = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // A proxy speaks for a server that is away.
    if (status >= 500) throw new Lost();
  }
  if (status >= 400) throw new Refused(status, answer);
  return answer;
}

const megabytes = (bytes) =>
  (bytes / 1e6).toLocaleString("en", { maximumFractionDigits: bytes < 1e7 ? 1 : 0 });

function span(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))}\u00a0s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)}\u00a0min`;
  return `${(seconds / 3600).toFixed(1)}\u00a0h`;
}

/** The tokens of unfinished uploads, which outlive a reload of the page: the same file, chosen again, goes on. */
const tokens = {
  key: (file) => `${PREFIX}${file.name}:${file.size}:${file.lastModified}`,
  find(file) {
    return JSON.parse(localStorage.getItem(this.key(file)) ?? "{}").token;
  },
  keep(file, token) {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
      if (Date.now() - JSON.parse(localStorage.getItem(key)).at > KEPT) localStorage.removeItem(key);
    }
    localStorage.setItem(this.key(file), JSON.stringify({ token, at: Date.now() }));
  },
  forget(file) {
    localStorage.removeItem(this.key(file));
  },
};

class Sender {
  constructor(root) {
    this.part = (name) => root.querySelector(`.sending-${name}`);
    this.file = null;
    const drop = this.part("drop");
    const input = this.part("input");
    this.part("choose").addEventListener("click", () => input.click());
    this.part("cancel").addEventListener("click", () => this.cancel());
    input.addEventListener("change", () => {
      const [file] = input.files;
      if (file) this.send(file);
    });
    for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.toggle("sending-over", kind === "dragenter" || kind === "dragover");
        if (kind === "drop" && event.dataTransfer.files.length) this.send(event.dataTransfer.files[0]);
      });
    }
  }

  /** Take what the page says now: a fresh claim, and the way to speak to it. */
  hear({ data, setTriggerValue }) {
    this.data = data;
    this.tell = setTriggerValue;
    this.part("input").accept = data.endings.join(",");
    this.heard?.();
  }

  say(sentence) {
    this.part("said").textContent = sentence;
  }

  show(busy) {
    const focused = document.activeElement === this.part(busy ? "choose" : "cancel");
    this.part("drop").hidden = busy;
    this.part("busy").hidden = !busy;
    if (focused) this.part(busy ? "cancel" : "choose").focus();
  }

  async send(file) {
    if (this.file) return;
    if (!file.size) return this.say("This file is empty. Choose another one.");
    if (file.size > this.data.largest) {
      return this.say(`This file has ${megabytes(file.size)} MB; at most ${megabytes(this.data.largest)} MB are taken.`);
    }
    this.file = file;
    this.stopped = this.cancelled = false;
    this.token = null;
    this.pace = [];
    this.say("");
    this.part("name").textContent = file.name;
    this.draw(0);
    this.show(true);
    try {
      await this.sendWhole(file);
      this.say("The file is whole.");
      this.tell("done", this.token);
    } catch (error) {
      if (error instanceof Cancelled) this.say(this.cancelled ? await this.remove(file) : "");
      else if (error instanceof Refused) this.say(error.message);
      else if (error instanceof DOMException) this.say("The file cannot be read any more. Choose it again.");
      else throw error;
    } finally {
      this.file = null;
      this.part("input").value = "";
      this.show(false);
    }
  }

  async sendWhole(file) {
    this.offset = 0;
    this.offset = await this.patiently(() => this.find(file));
    while (this.offset < file.size) {
      const slice = file.slice(this.offset, this.offset + SLICE);
      this.offset = await this.patiently((again) => (again ? this.stand() : this.put(slice)));
      this.draw(this.offset);
    }
  }

  /** Give what a request brings, however often the connection is lost meanwhile. */
  async patiently(request) {
    for (let wait = 0; ; wait = Math.min(30, 2 * wait || 1)) {
      if (wait) await this.sleep(wait);
      if (this.stopped) throw new Cancelled();
      try {
        const result = await request(wait > 0);
        if (wait) this.say("");
        return result;
      } catch (error) {
        if (this.stopped) throw new Cancelled();
        if (!(error instanceof Lost)) throw error;
        this.pace = [];
        this.draw(this.offset);
        this.say(LOST);
        // A file that has changed or gone looks like a lost connection; reading it tells, by a DOMException.
        await this.file.slice(0, 1).arrayBuffer();
      }
    }
  }

  sleep(seconds) {
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, 1000 * seconds);
      window.addEventListener("online", resolve, { once: true });
    });
  }

  /** Give where the upload of this file stands: one that was begun before a reload goes on. */
  async find(file) {
    this.token = tokens.find(file);
    if (this.token) {
      try {
        return await this.stand();
      } catch (error) {
        if (!(error instanceof Refused && error.status === 404)) throw error;
      }
    }
    this.token = (await this.begin(file)).token;
    tokens.keep(file, this.token);
    return 0;
  }

  async begin(file) {
    const name = file.name.slice(-200);
    const begin = () => ask("POST", "/uploads", JSON.stringify({ claim: this.data.claim, name, size: file.size }));
    try {
      return await begin();
    } catch (error) {
      if (!error.answer?.renew) throw error;
      const renewed = new Promise((resolve) => (this.heard = resolve));
      this.tell("renew", Date.now());
      await Promise.race([renewed, this.sleep(10)]);
      return begin();
    }
  }

  async stand() {
    return (await ask("GET", `/uploads/${this.token}`)).offset;
  }

  /** Give where the upload stands after one slice; by XMLHttpRequest, which alone tells how much of it is sent. */
  put(slice) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.request = request;
      let moved = Date.now();
      const watch = setInterval(() => {
        if (Date.now() - moved > 1000 * STALLED) request.abort();
      }, 1000);
      request.upload.onprogress = (event) => {
        moved = Date.now();
        this.draw(this.offset + event.loaded);
      };
      request.onloadend = () => {
        clearInterval(watch);
        if (!request.status) return reject(new Lost());
        try {
          resolve(read(request.status, request.responseText).offset);
        } catch (error) {
          if (error.status === 409) resolve(error.answer.offset);
          else reject(error);
        }
      };
      request.open("PUT", `/uploads/${this.token}?offset=${this.offset}`);
      request.send(slice);
    });
  }

  cancel() {
    this.cancelled = true;
    this.stop();
  }

  async remove(file) {
    tokens.forget(file);
    try {
      if (this.token) await ask("DELETE", `/uploads/${this.token}`);
      return "Cancelled; nothing of it is kept.";
    } catch {
      return "Cancelled; the server removes what it has within a day.";
    }
  }

  /** Send no more; what is on the server stays, for the same file to go on. */
  stop() {
    this.stopped = true;
    this.request?.abort();
    this.wake?.();
  }

  /** Show how far it is, how fast over the last ten seconds, and how long it will take. */
  draw(done) {
    const { size } = this.file;
    const now = performance.now() / 1000;
    this.pace = [...this.pace.filter(([then]) => now - then < 10), [now, done]];
    const [then, before] = this.pace[0];
    const speed = (done - before) / (now - then);
    const words = [`${Math.floor((100 * done) / size)} %`, `${megabytes(done)} of ${megabytes(size)} MB`];
    if (now - then > 1 && speed > 0) words.push(`${megabytes(speed)} MB/s`, `${span((size - done) / speed)} left`);
    this.part("bar").value = done / size;
    this.part("numbers").textContent = words.join(", ");
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".sending");
  root.sender ??= new Sender(root);
  root.sender.hear(component);
  return () => root.sender.stop();
}

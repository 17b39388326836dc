// A file is sent in chunks, and the server is asked for the offset to continue from: a lost connection costs one chunk.
const CHUNK = 8 * 1024 * 1024;
const STALLED = 30; // seconds without progress after which a chunk is sent again
const KEPT = 86_400_000; // milliseconds for which the server keeps a partial upload
const PREFIX = "plumbline-upload:";
const LOST = "Connection lost. Retrying.";

class Refused extends Error {
  constructor(status, answer) {
    super(answer.error ?? `The server rejected the file (${status}).`);
    this.status = status;
    this.answer = answer;
  }
}
class Lost extends Error {}
class Cancelled extends Error {}

/** Return the server's answer to a request; throws `Refused` if it refuses, `Lost` if it cannot be reached. */
async function request(method, address, body) {
  let response, text;
  try {
    response = await fetch(address, { method, body, cache: "no-store" });
    text = await response.text();
  } catch {
    throw new Lost();
  }
  return parseAnswer(response.status, text);
}

function parseAnswer(status, text) {
  let answer = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // A proxy answers for a server that is down.
    if (status >= 500) throw new Lost();
  }
  if (status >= 400) throw new Refused(status, answer);
  return answer;
}

const megabytes = (bytes) =>
  (bytes / 1e6).toLocaleString("en", { maximumFractionDigits: bytes < 1e7 ? 1 : 0 });

function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))}\u00a0s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)}\u00a0min`;
  return `${(seconds / 3600).toFixed(1)}\u00a0h`;
}

/** The tokens of partial uploads, which survive a reload: the same file, chosen again, continues. */
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

class Uploader {
  constructor(root) {
    this.part = (name) => root.querySelector(`.upload-${name}`);
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
        drop.classList.toggle("upload-over", kind === "dragenter" || kind === "dragover");
        if (kind === "drop" && event.dataTransfer.files.length) this.send(event.dataTransfer.files[0]);
      });
    }
  }

  /** Store the data of the latest run of the page, and how to trigger another one. */
  update({ data, setTriggerValue }) {
    this.data = data;
    this.trigger = setTriggerValue;
    this.part("input").accept = data.extensions.join(",");
    this.updated?.();
  }

  showMessage(text) {
    this.part("message").textContent = text;
  }

  toggle(busy) {
    const focused = document.activeElement === this.part(busy ? "choose" : "cancel");
    this.part("drop").hidden = busy;
    this.part("busy").hidden = !busy;
    if (focused) this.part(busy ? "cancel" : "choose").focus();
  }

  async send(file) {
    if (this.file) return;
    if (!file.size) return this.showMessage("This file is empty. Choose another.");
    if (file.size > this.data.largest) {
      return this.showMessage(`This file is ${megabytes(file.size)} MB; the limit is ${megabytes(this.data.largest)} MB.`);
    }
    this.file = file;
    this.stopped = this.cancelled = false;
    this.token = null;
    this.pace = [];
    this.showMessage("");
    this.part("name").textContent = file.name;
    this.draw(0);
    this.toggle(true);
    try {
      await this.sendChunks(file);
      this.showMessage("Upload complete.");
      this.trigger("done", this.token);
    } catch (error) {
      if (error instanceof Cancelled) this.showMessage(this.cancelled ? await this.remove(file) : "");
      else if (error instanceof Refused) this.showMessage(error.message);
      else if (error instanceof DOMException) this.showMessage("The file can no longer be read. Choose it again.");
      else throw error;
    } finally {
      this.file = null;
      this.part("input").value = "";
      this.toggle(false);
    }
  }

  async sendChunks(file) {
    this.offset = 0;
    this.offset = await this.withRetry(() => this.find(file));
    while (this.offset < file.size) {
      const chunk = file.slice(this.offset, this.offset + CHUNK);
      this.offset = await this.withRetry((again) => (again ? this.fetchOffset() : this.put(chunk)));
      this.draw(this.offset);
    }
  }

  /** Return the result of a task, retried for as long as the connection is lost. */
  async withRetry(task) {
    for (let wait = 0; ; wait = Math.min(30, 2 * wait || 1)) {
      if (wait) await this.sleep(wait);
      if (this.stopped) throw new Cancelled();
      try {
        const result = await task(wait > 0);
        if (wait) this.showMessage("");
        return result;
      } catch (error) {
        if (this.stopped) throw new Cancelled();
        if (!(error instanceof Lost)) throw error;
        this.pace = [];
        this.draw(this.offset);
        this.showMessage(LOST);
        // A changed or deleted file looks like a lost connection; reading it throws a DOMException.
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

  /** Return the offset to continue from: that of an upload begun before a reload, or 0. */
  async find(file) {
    this.token = tokens.find(file);
    if (this.token) {
      try {
        return await this.fetchOffset();
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
    const begin = () => request("POST", "/uploads", JSON.stringify({ claim: this.data.claim, name, size: file.size }));
    try {
      return await begin();
    } catch (error) {
      if (!error.answer?.renew) throw error;
      const renewed = new Promise((resolve) => (this.updated = resolve));
      this.trigger("renew", Date.now());
      await Promise.race([renewed, this.sleep(10)]);
      return begin();
    }
  }

  async fetchOffset() {
    return (await request("GET", `/uploads/${this.token}`)).offset;
  }

  /** Send one chunk and return the next offset; only XMLHttpRequest reports the progress of an upload. */
  put(chunk) {
    return new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      this.xhr = xhr;
      let moved = Date.now();
      const watch = setInterval(() => {
        if (Date.now() - moved > 1000 * STALLED) xhr.abort();
      }, 1000);
      xhr.upload.onprogress = (event) => {
        moved = Date.now();
        this.draw(this.offset + event.loaded);
      };
      xhr.onloadend = () => {
        clearInterval(watch);
        if (!xhr.status) return reject(new Lost());
        try {
          resolve(parseAnswer(xhr.status, xhr.responseText).offset);
        } catch (error) {
          if (error.status === 409) resolve(error.answer.offset);
          else reject(error);
        }
      };
      xhr.open("PUT", `/uploads/${this.token}?offset=${this.offset}`);
      xhr.send(chunk);
    });
  }

  cancel() {
    this.cancelled = true;
    this.stop();
  }

  async remove(file) {
    tokens.forget(file);
    try {
      if (this.token) await request("DELETE", `/uploads/${this.token}`);
      return "Cancelled. Nothing was kept.";
    } catch {
      return "Cancelled. The server deletes the partial upload within a day.";
    }
  }

  /** Stop sending; the partial upload stays on the server, so the same file can continue. */
  stop() {
    this.stopped = true;
    this.xhr?.abort();
    this.wake?.();
  }

  /** Show the progress, the speed over the last ten seconds, and the time left. */
  draw(done) {
    const { size } = this.file;
    const now = performance.now() / 1000;
    this.pace = [...this.pace.filter(([then]) => now - then < 10), [now, done]];
    const [then, before] = this.pace[0];
    const speed = (done - before) / (now - then);
    const parts = [`${Math.floor((100 * done) / size)}%`, `${megabytes(done)} of ${megabytes(size)} MB`];
    if (now - then > 1 && speed > 0) parts.push(`${megabytes(speed)} MB/s`, `${duration((size - done) / speed)} left`);
    this.part("bar").value = done / size;
    this.part("numbers").textContent = parts.join(", ");
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".chunked-upload");
  root.uploader ??= new Uploader(root);
  root.uploader.update(component);
  return () => root.uploader.stop();
}

// Times the front over a large store: opening a period, edits of the cohort builder on the server and as they are painted,
// several people at once, memory.
//
//   npm install --no-save --prefix target/ci playwright-core
//   CHROMIUM=/usr/bin/chromium VIRTA_BIN=target/release/virta node benches/front.mjs STORE [--key FILE] [--edits 300] [--people 200]
//
// STORE holds a few years of contacts; nothing is written to it but its log of use. Shown are milliseconds, beside them the
// processor time that the server took for each. On a machine with other work the processor time is what to compare.
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { performance } from "node:perf_hooks";

const [store, ...rest] = process.argv.slice(2);
const given = (name, usual) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : usual);
const virta = process.env.VIRTA_BIN ?? "target/release/virta";
const edits = Number(given("--edits", 300));
const people = Number(given("--people", 200));
const key = given("--key");
const TICKS = 100;
// Bars in milliseconds and megabytes; a store of 100 million contacts has others.
const isLarge = rest.includes("--large");
const BARS = isLarge ? { opening: Infinity, edit: 150, slow: Infinity, painted: Infinity, people: Infinity, memory: 3000 } : { opening: 700, edit: 30, slow: 200, painted: 100, people: 500, memory: 500 };

let isOver = false;
const server = spawn(virta, ["open", store, "--no-browser", "--json", ...(key ? ["--key", key] : [])], { stdio: ["ignore", "pipe", "inherit"] });
const address = new URL(await firstAddress());
const agent = new http.Agent({ keepAlive: true, maxSockets: 512 });
let cookie = "";
try {
  await enter();
  await opening();
  const sums = await edited("edits of thresholds, ages and sectors", recorded(edits, false), BARS.edit);
  if (!isLarge) await edited("edits of rolling window, sequence and peak", recorded(Math.ceil(edits / 5), true), BARS.slow);
  await together(sums);
  if (process.env.CHROMIUM) await painted();
  const peak = Number(status("VmHWM")) / 1024;
  said("memory at most", peak, BARS.memory, "MB");
} finally {
  server.kill();
}
process.exit(isOver ? 1 : 0);

function firstAddress() {
  return new Promise((found, failed) => {
    let text = "";
    server.stdout.on("data", (chunk) => {
      text += chunk;
      const address = text.match(/http:[^"\s]+/);
      if (address) found(address[0]);
    });
    server.on("exit", () => failed(new Error("virta open ended")));
  });
}

// What a request takes: milliseconds to the last byte.
function get(at) {
  return new Promise((found, failed) => {
    const begun = performance.now();
    const request = http.get({ host: address.hostname, port: address.port, path: at, agent, headers: { cookie } }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => (body += chunk));
      answer.on("end", () => {
        const { location } = answer.headers;
        if (answer.statusCode >= 400) return failed(new Error(`${at}: ${answer.statusCode}`));
        found({ body, location, headers: answer.headers, took: performance.now() - begun });
      });
    });
    request.on("error", failed);
  });
}

async function enter() {
  const { headers } = await get(address.pathname + address.search);
  cookie = headers["set-cookie"][0].split(";")[0];
}

function status(name) {
  return fs.readFileSync(`/proc/${server.pid}/status`, "utf8").match(new RegExp(`${name}:\\s+(\\d+)`))[1];
}

// Processor time of the server so far, in milliseconds.
function processor() {
  const fields = fs.readFileSync(`/proc/${server.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

function part(values, of) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * of) - 1)];
}

function said(what, value, bar, unit, more = "") {
  const holds = value <= bar;
  isOver ||= !holds;
  console.log(`${holds ? "ok  " : "OVER"}  ${what}: ${value.toFixed(1)} ${unit}${Number.isFinite(bar) ? ` (bar ${bar})` : ""}${more}`);
}

// The first look at a period: everything is read and kept. A large store says how far that has come.
async function opening() {
  await get("/");
  const [before, begun] = [processor(), performance.now()];
  let answer = await get("/cohort?lang=en");
  while (answer.location) {
    const at = answer.location;
    answer = await get(at);
    while (at.startsWith("/run/") && !answer.location) {
      await new Promise((done) => setTimeout(done, 50));
      answer = await get(at);
    }
  }
  if (!answer.body.includes("data-members")) throw new Error("the builder shows nobody");
  said("opening a period", performance.now() - begun, BARS.opening, "ms", `, processor ${processor() - before} ms`);
}

// The same edits in every run: one control moved at a time, as a hand does. The rules that look at single contacts come with `slow`.
function recorded(count, slow) {
  let state = 7;
  const random = (below) => (state = (state * 1103515245 + 12345) % 2147483648) % below;
  const form = { s: 4, n: 3, amin: 18, amax: 64 };
  const list = [];
  for (let at = 0; at < count; at++) {
    if (slow && at % 3 === 0) for (const name of ["r", "pc", "pd", "qf", "qt", "qd"]) delete form[name];
    if (slow) {
      if (at % 3 === 0) form.r = 30 + 5 * random(70);
      if (at % 3 === 1) Object.assign(form, { r: undefined, pc: 2 + random(8), pd: 7 + random(60) });
      if (at % 3 === 2) Object.assign(form, { pc: undefined, pd: undefined, qf: ["emergency", "social", "primary"][random(3)], qt: ["social", "primary", "specialised"][random(3)], qd: 7 + random(60) });
    }
    const moves = [() => (form.s = 1 + random(6)), () => (form.n = 1 + random(10)), () => (form.amin = random(60)), () => (form.amax = form.amin + random(60)), () => (form.sec = ["", "social", "primary", "specialised", "health"][random(5)]), () => (form.d = random(4) * 5), () => (form.e = random(4) * 250)];
    moves[random(moves.length)]();
    list.push(new URLSearchParams(Object.entries(form).filter(([, value]) => value)).toString());
  }
  return list;
}

async function edited(what, list, bar) {
  await get(`/cohort/live?${list[0]}`);
  const before = processor();
  const took = [];
  const sums = [];
  for (const query of list) {
    const { body, took: one } = await get(`/cohort/live?${query}`);
    took.push(one);
    sums.push(body.match(/data-members>([^<]*)/)?.[1]);
    if (sums.at(-1) === undefined) throw new Error(`no answer to ${query}: ${body.slice(0, 200)}`);
  }
  const each = (processor() - before) / list.length;
  said(`${what} (${list.length}), 95th per cent`, part(took, 0.95), bar, "ms", `, median ${part(took, 0.5).toFixed(1)} ms, processor ${each.toFixed(1)} ms each`);
  return new Map(list.map((query, at) => [query, sums[at]]));
}

// So many at once on the builder, each with edits of its own; every answer is that of its own edit.
async function together(sums) {
  const queries = [...sums.keys()];
  const before = processor();
  const took = [];
  const one = async (person) => {
    for (let at = 0; at < 5; at++) {
      // People look at what came before they move on.
      await new Promise((done) => setTimeout(done, 2000 * ((person * 37 + at * 11) % 100) / 100));
      const query = queries[(person * 13 + at * 29) % queries.length];
      const { body, took: one } = await get(`/cohort/live?${query}`);
      took.push(one);
      if (body.match(/data-members>([^<]*)/)?.[1] !== sums.get(query)) throw new Error("an answer of another edit");
    }
  };
  await Promise.all(Array.from({ length: people }, (_, person) => one(person)));
  said(`${people} people at once, 95th per cent`, part(took, 0.95), BARS.people, "ms", `, median ${part(took, 0.5).toFixed(1)} ms, processor ${((processor() - before) / took.length).toFixed(1)} ms each`);
}

// From a key to the painted picture in a browser: the key's own time to the frame after the panels were put in place.
async function painted() {
  const require = createRequire(path.resolve("target/ci/package.json"));
  const { chromium } = require("playwright-core");
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const [name, value] = cookie.split("=");
    await context.addCookies([{ name, value, domain: address.hostname, path: "/" }]);
    const page = await context.newPage();
    await page.goto(`${address.origin}/cohort?s=4&n=3&amin=18&amax=64&lang=en`);
    await page.evaluate(() => {
      window.took = [];
      let pressed = null;
      document.addEventListener("keydown", (event) => (pressed ??= event.timeStamp), true);
      document.addEventListener("shown", () => {
        const from = pressed;
        pressed = null;
        // The frame after the next is painted when its task runs.
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => window.took.push(performance.now() - from);
          channel.port2.postMessage(0);
        });
      });
    });
    const before = processor();
    let state = 11;
    const random = (below) => (state = (state * 1103515245 + 12345) % 2147483648) % below;
    const controls = ["s", "n", "amin", "amax"];
    for (let at = 0; at < edits; at++) {
      const name = controls[random(controls.length)];
      const control = page.locator(`input[name=${name}]`);
      await control.focus();
      // Around the middle of what each control may say: a key that changes nothing asks for nothing.
      const isHigh = Number(await control.inputValue()) > { s: 4, n: 4, amin: 20, amax: 60 }[name];
      await control.press(isHigh ? "ArrowDown" : "ArrowUp");
      await page.waitForFunction((count) => window.took.length > count, at, { timeout: 5000 });
    }
    const took = await page.evaluate(() => window.took);
    said(`from key to painted picture (${took.length}), 95th per cent`, part(took, 0.95), BARS.painted, "ms", `, median ${part(took, 0.5).toFixed(1)} ms, server's processor ${((processor() - before) / took.length).toFixed(1)} ms each`);
  } finally {
    await browser.close();
  }
}

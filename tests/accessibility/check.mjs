// Checks report files against WCAG 2.1 AA with axe, in light and dark, on a screen and on a phone, with the network off.
//
//   npm install --no-save --prefix target/ci axe-core playwright-core
//   CHROMIUM=/usr/bin/chromium node tests/accessibility/check.mjs report.fi.html report.sv.html report.en.html
//
// Ends with 1 when axe finds a violation, when a page asks for anything beside itself, when it scrolls sideways, or when a
// text of a chart leaves its picture or lies on another.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

// The packages lie where the command above puts them, apart from the sources.
const require = createRequire(path.resolve("target/ci/package.json"));
const { chromium } = require("playwright-core");

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
let failures = 0;
for (const file of process.argv.slice(2)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1200, 1000, 400]) {
      failures += await check(file, colorScheme, width);
    }
  }
}
await browser.close();
process.exit(failures ? 1 : 0);

async function check(file, colorScheme, width) {
  const size = { width, height: 900 };
  // The page's own policy forbids every script, axe's too.
  const context = await browser.newContext({ colorScheme, offline: true, bypassCSP: true, viewport: size });
  const page = await context.newPage();
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  const url = pathToFileURL(path.resolve(file)).href;
  await page.goto(url);
  await page.addScriptTag({ content: axe });
  const { violations } = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), RULES);
  const texts = await page.evaluate(misplacedTexts);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  const others = requests.filter((request) => request !== url && !request.startsWith("data:"));
  await context.close();
  for (const violation of violations) {
    console.log(`${file} ${colorScheme}: ${violation.id}: ${violation.nodes[0].html}`);
  }
  for (const request of others) {
    console.log(`${file} ${colorScheme}: asks for ${request}`);
  }
  if (sideways) {
    console.log(`${file} ${colorScheme}: scrolls sideways`);
  }
  for (const text of texts) {
    console.log(`${file} ${width}: ${text}`);
  }
  return violations.length + others.length + texts.length + (sideways ? 1 : 0);
}

// Texts of the shown charts that are cut by the edge of their picture, and pairs that lie on each other.
function misplacedTexts() {
  const found = [];
  for (const svg of document.querySelectorAll("svg")) {
    const box = svg.getBoundingClientRect();
    if (!box.width) continue;
    const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    for (const [at, [words, a]] of texts.entries()) {
      const isInside = a.left >= box.left - 1 && a.right <= box.right + 1 && a.top >= box.top - 1 && a.bottom <= box.bottom + 1;
      if (!isInside) found.push(`${words} is cut`);
      for (const [others, b] of texts.slice(at + 1)) {
        const isOn = a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4;
        if (isOn) found.push(`${words} lies on ${others}`);
      }
    }
  }
  return found;
}

// Uses every page of `virta open` as somebody would, in three languages, and checks it against WCAG 2.1 AA with axe, in light and
// dark, on a screen and on a phone.
//
//   npm install --no-save --prefix target/ci axe-core playwright-core
//   CHROMIUM=/usr/bin/chromium VIRTA_BIN=target/release/virta [WITHOUT_SQL=1] node tests/accessibility/front.mjs STORE [PICTURES]
//
// STORE has contacts and a study with flows. With PICTURES, a folder, every page is drawn at 1280 and 400 pixels. Ends with 1 when a
// page does not do its job, asks for anything but its own server, fails in script, scrolls sideways, or axe finds a violation.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

// The packages lie where the command above puts them, apart from the sources.
const require = createRequire(path.resolve("target/ci/package.json"));
const { chromium } = require("playwright-core");

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [store, pictures] = process.argv.slice(2);
const PAGES = ["/", "/cohort?n=3&s=4&amin=18&amax=64", "/cohort?s=4&n=1&r=180&sec=social&w=30", "/cohort/text", "/studies", "/studies/front-en", "/studies/front-en?place=272", "/thresholds?study=front-en&s=4&n=3", "/flows?study=front-en", "/clients", "/pilots", "/pilots/enrol", "/release", "/ingest", "/deliveries", "/sql", "/sql?q=select%20sector%2C%20count(*)%20as%20n%20from%20contacts%20join%20services%20using%20(service)%20group%20by%20sector%20order%20by%20n", "/sql?q=selec", "/nothing-here"];
// A program without the SQL engine has no page of questions.
const hasSql = !process.env.WITHOUT_SQL;
const virta = process.env.VIRTA_BIN ?? "target/release/virta";
const failures = [];
const fail = (words) => failures.push(words) && console.log(words);
const check = (is, words) => is || fail(words);

const servers = [];
const address = await opened(store);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
try {
  await refusals();
  const context = await entered();
  for (const lang of ["fi", "sv", "en"]) await jobs(context, lang);
  await stops(context);
  await phone(context);
  await pagesLookRight(context, address.origin, hasSql ? PAGES : PAGES.filter((at) => !at.startsWith("/sql")));
  await worksWithoutScript(context);
  for (const lang of ["fi", "sv", "en"]) await emptyStore(lang);
  await project();
} catch (error) {
  fail(String(error.stack ?? error));
} finally {
  await browser.close();
  servers.forEach((server) => server.kill());
}
console.log(failures.length ? `${failures.length} failures` : "every page does its job");
process.exit(failures.length ? 1 : 0);

// Opens a store; gives the address that lets in.
async function opened(store, ...more) {
  const server = spawn(virta, ["open", store, "--no-browser", "--json", ...more], { stdio: ["ignore", "pipe", "inherit"] });
  servers.push(server);
  return new URL(await firstAddress(server));
}

// The address that the server prints; its standard output stays open, since it ends without a reader.
function firstAddress(server) {
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

// Nobody gets in without the token, from another site, or under another name.
async function refusals() {
  const get = (url, headers = {}, method = "GET") => fetch(url, { headers, method, redirect: "manual" });
  check((await get(address.origin)).status === 403, "a page without a session is shown");
  check((await get(`${address.origin}/?token=${"0".repeat(64)}`)).status === 403, "a wrong token lets in");
  check((await get(`${address.origin}/assets/front.css`)).headers.get("content-security-policy").includes("default-src 'self'"), "no policy");
  check((await get(`${address.origin}/run`, { origin: "https://elsewhere.example" }, "POST")).status === 403, "another origin may run a study");
}

async function entered() {
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(address.href);
  const [cookie] = await context.cookies();
  check(cookie?.httpOnly && cookie?.sameSite === "Strict", "the session's cookie is not closed");
  await page.close();
  const again = await fetch(address.href, { redirect: "manual" });
  check(again.status === 403, "the token works twice");
  return context;
}

// A page that notes what should not happen on it.
async function watched(context, origin = address.origin) {
  const page = await context.newPage();
  page.on("request", (request) => check(request.url().startsWith(origin), `asks for ${request.url()}`));
  page.on("pageerror", (error) => fail(`script: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && !message.text().includes("404") && fail(`console: ${message.text()}`));
  return page;
}

async function jobs(context, lang) {
  const page = await watched(context);
  const go = (path) => page.goto(`${address.origin}${path}`);
  const shown = () => page.evaluate(() => new Promise((done) => document.addEventListener("shown", done, { once: true })));
  const members = () => page.locator("[data-members]").innerText();
  const hash = () => page.locator("[data-definition]").first().getAttribute("data-definition");

  // Build a cohort: the panels answer, the address and every panel carry the definition.
  await go(`/cohort?lang=${lang}`);
  check((await page.locator("html").getAttribute("lang")) === lang, `${lang}: the page is in another language`);
  const before = [await members(), await hash()];
  const edited = shown();
  await page.locator("input[name=n]").fill("2");
  await edited;
  const after = [await members(), await hash()];
  check(before[1] !== after[1] && before[0] !== after[0], `${lang}: an edit changes nothing`);
  check(new URL(page.url()).searchParams.get("n") === "2", `${lang}: the address does not carry the edit`);
  const hashes = await page.locator("[data-definition]").evaluateAll((all) => new Set(all.map((one) => one.dataset.definition)).size);
  check(hashes === 1, `${lang}: panels of several definitions stand side by side`);
  const cell = shown();
  await page.locator("table.grid a[data-s='3'][data-n='1']").click();
  await cell;
  check((await page.locator("input[name=s]").inputValue()) === "3", `${lang}: a cell of the grid sets no threshold`);
  const there = await members();
  check((await page.locator("table.grid .here").innerText()) === there, `${lang}: the marked cell is not the cohort`);
  await page.reload();
  check((await members()) === there, `${lang}: a reload shows something else`);
  await go("/");
  await page.goBack();
  check((await members()) === there, `${lang}: going back shows something else`);
  await go("/cohort");
  check((await members()) === there, `${lang}: the draft is lost by leaving the page`);

  // The same as a study file, and back.
  await page.locator("a[data-query]").click();
  const text = await page.locator("textarea").inputValue();
  check(text.includes("min_services = 3"), `${lang}: the study file says something else`);
  await page.locator("textarea").fill(text.replace("min_services = 3", "min_services = 2"));
  await page.locator("main form button[type=submit]").click();
  check((await page.locator("input[name=s]").inputValue()) === "2", `${lang}: the study file does not reach the sentence`);
  await page.goBack();
  await page.locator("textarea").fill("[study]\nname = \"x\"\nperiods = [\"2013\"]\ncolour = 1\n");
  await page.locator("main form button[type=submit]").click();
  check((await page.locator("[role=alert]").innerText()).includes("4"), `${lang}: a wrong key is not told with its line`);

  // Run it as a study, and look around in it.
  await go("/cohort");
  const name = `front-${lang}`;
  await page.locator("#run input[name=name]").fill(name);
  await page.locator("#run button").click();
  await page.locator("a[href^='/studies/']").click({ timeout: 60000 });
  check(page.url().endsWith(`/studies/${name}`), `${lang}: the study does not open`);
  check((await page.locator(".report h2").count()) > 3, `${lang}: the study has no parts`);
  const years = await page.locator("select[name=period] option").evaluateAll((all) => all.map((one) => one.value));
  const other = page.waitForURL(/period=/);
  await page.locator("select[name=period]").selectOption(years[0]);
  await other;
  check((await page.locator("select[name=period]").inputValue()) === years[0], `${lang}: another period is not shown`);

  // One municipality: its tables, what is used there, and on to the builder.
  const towns = await page.locator("select[name=place] option").evaluateAll((all) => all.map((one) => one.value).filter(Boolean));
  check(towns.length > 1, `${lang}: a study has no municipalities`);
  const town = page.waitForURL(/place=\d/);
  await page.locator("select[name=place]").selectOption(towns[0]);
  await town;
  check((await page.locator(".report.place table").count()) > 1, `${lang}: a municipality has no tables`);
  check((await page.locator("section[aria-labelledby=now-title] tbody tr").count()) > 1, `${lang}: nothing is counted for a municipality`);
  await page.locator("section[aria-labelledby=now-title] a.button").click();
  check(page.url().includes(`mun=${towns[0]}`) && Number.isInteger(parseInt(await members())), `${lang}: a municipality does not lead to the builder`);
  // What thresholds change, and one pair of them in words.
  await go(`/thresholds?study=${name}`);
  await page.locator("table.grid a").first().click();
  check((await page.locator("#cell dd").count()) > 1, `${lang}: a cell of the thresholds says nothing`);
  await go(`/cohort?n=3&s=4&amin=18&amax=64`);

  // Flows, thinned, with what comes before and after a service.
  await go(`/flows?study=${name}`);
  const arrows = await page.locator(".map .edge").count();
  await page.locator("input[type=range]").fill("3");
  await page.waitForURL(/edges=3/);
  check(arrows > 3 && (await page.locator(".map .edge").count()) === 3, `${lang}: the map does not get thinner`);
  await page.locator(".map a").first().click();
  check((await page.locator("#chosen table").count()) === 2, `${lang}: a service has neither before nor after`);

  // Clients of the definition, and one of them.
  await go("/clients");
  const rows = page.locator("tbody tr");
  check((await rows.count()) > 0, `${lang}: nobody is listed`);
  await rows.first().locator("a").click();
  check((await page.locator(".timeline circle, .timeline rect").count()) > 0, `${lang}: a client has no line of time`);

  if (hasSql) await questions(page, lang);

  await go("/deliveries");
  await page.locator("tbody a").first().click();
  check((await page.locator("dl").count()) > 0, `${lang}: a delivery has no page`);

  // A member and a pasted client begin in a pilot, one is mistyped; then the pilot's effect is measured.
  await go("/pilots/enrol");
  const ids = await page.locator("input[name=member]").evaluateAll((all) => all.slice(0, 2).map((one) => one.value));
  await page.locator("input[name=name]").fill(`Desk ${lang}`);
  await page.locator("input[name=day]").fill("2014-03-01");
  await page.locator("textarea[name=ids]").fill(`${ids[1]} 2014-02-01\n1`);
  await page.locator("main form button[type=submit]").click();
  check((await page.locator("[role=alert]").innerText()).includes("2"), `${lang}: a mistyped client is not told by line`);
  check((await page.locator("textarea[name=ids]").inputValue()).includes(ids[1]), `${lang}: what was pasted is lost`);
  await page.locator("textarea[name=ids]").fill(`${ids[1]} 2014-02-01`);
  await page.locator("input[name=member]").first().check();
  await page.locator("main form button[type=submit]").click();
  await page.locator("a.button[href='/pilots']").click({ timeout: 60000 });
  const row = page.locator("tbody tr", { hasText: `Desk ${lang}` }).first();
  check((await row.locator("td").first().innerText()) === "2", `${lang}: the pilot has not two clients`);
  await page.locator("select[name=pilot]").selectOption(`Desk ${lang}`);
  await page.locator("select[name=base]").selectOption(`${name}|cohort`);
  await page.locator("form[action='/pilots/measure'] button").click();
  await page.locator("a[href^='/studies/']").waitFor({ timeout: 60000 });
  await go(`/pilots?study=${name}`);
  check((await page.locator(".report h2").count()) === 1, `${lang}: the pilot's effect is not shown`);
  const address1 = page.url();
  await page.reload();
  await page.goBack();
  await page.goForward();
  check(page.url() === address1 && (await page.locator(".report h2").count()) === 1, `${lang}: going back loses the pilot`);

  // What would leave against what left before; then it leaves, and what left stands in the register.
  await go(`/release?study=${name}`);
  check((await page.locator(".report h2").count()) > 3, `${lang}: nothing would leave`);
  check((await page.locator(".mark").count()) === 0, `${lang}: what would leave is called not for release`);
  check((await page.locator("section[aria-labelledby=standings-title] tbody tr").count()) > 1, `${lang}: no group is compared`);
  await page.locator("#leave button").click();
  const accept = page.locator("form .check input[required]");
  await page.locator("code.hash").or(accept).waitFor({ timeout: 60000 });
  if (await accept.count()) {
    await accept.check();
    await page.locator("main form button").click();
  }
  check((await page.locator("code.hash").innerText({ timeout: 60000 })).length === 64, `${lang}: the release has no manifest`);
  await go(`/release?study=${name}`);
  const left = page.locator("section[aria-labelledby=register-title] tbody tr");
  const taken = page.waitForEvent("download");
  await left.filter({ hasText: name }).locator("a[download]").first().click();
  check((await taken).suggestedFilename().endsWith(".zip"), `${lang}: a release is not taken along`);
  check((await left.filter({ hasText: name }).count()) > 0, `${lang}: the release is not in the register`);
  await page.close();
}

// A project worker enters by name, sees protected studies, thresholds and municipalities, and nothing with rows.
async function project() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "virta-front-"));
  const users = path.join(folder, "team.toml");
  execFileSync(virta, ["users", users, "add", "ville", "--role", "project"], { input: "a long password\n" });
  const server = spawn(virta, ["serve", store, "--users", users, "--http", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  servers.push(server);
  const origin = new URL(await firstAddress(server)).origin;
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } });
  const page = await watched(context, origin);
  for (const lang of ["fi", "sv", "en"]) {
    await page.goto(`${origin}/enter?lang=${lang}`);
    await page.locator("input[name=name]").fill("ville");
    await page.locator("input[name=password]").fill("a long password");
    await page.locator("main button[type=submit]").click();
    const menu = await page.locator("#menu-pages a").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
    check(menu.includes("/thresholds") && !menu.some((one) => ["/cohort", "/clients", "/release", "/sql"].includes(one)), `${lang}: a project's menu is ${menu}`);
    await page.locator("#menu-pages a[href='/thresholds']").click();
    await page.locator("table.grid a").first().click();
    check((await page.locator("#cell dd").count()) > 1, `${lang}: a project sees no pair of thresholds`);
    check((await page.locator(".mark").count()) === 0, `${lang}: a project's numbers are called not for release`);
    await page.locator(".choose .links a").click();
    const towns = await page.locator("select[name=place] option").evaluateAll((all) => all.map((one) => one.value).filter(Boolean));
    const shown = page.waitForURL(/place=\d/);
    await page.locator("select[name=place]").selectOption(towns[0]);
    await shown;
    check((await page.locator(".report.place table").count()) > 0, `${lang}: a project sees nothing of a municipality`);
    check((await page.locator("#now-title").count()) === 0, `${lang}: something is counted for a project`);
    await page.locator("header form button").click();
  }
  await page.goto(`${origin}/enter?lang=en`);
  await page.locator("input[name=name]").fill("ville");
  await page.locator("input[name=password]").fill("a long password");
  await page.locator("main button[type=submit]").click();
  await pagesLookRight(context, origin, ["/", "/thresholds?study=front-en&s=4&n=3", "/studies/front-en?place=272", "/flows?study=front-en", "/pilots", "/enter"]);
  await context.close();
  fs.rmSync(folder, { recursive: true });
}

// A study is stopped from its page, or was done before: either way the page says which.
async function stops(context) {
  const page = await watched(context);
  await page.goto(`${address.origin}/cohort?n=3&s=4&amin=18&amax=64&lang=en`);
  await page.locator("#run input[name=name]").fill("front-stopped");
  await page.locator("#run button").click();
  const stop = page.locator("form[action$='/stop'] button");
  if (await stop.count()) await stop.click({ timeout: 2000 }).catch(() => {});
  await page.locator("a.button", { hasText: /Back|Open the study/ }).waitFor({ timeout: 60000 });
  await page.close();
}

// On a phone the menu is one line until it is asked for.
async function phone(context) {
  const page = await watched(context);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${address.origin}/studies?lang=fi`);
  const links = page.locator("#menu-pages a");
  check(!(await links.first().isVisible()), "the phone's menu is open");
  await page.locator(".menu-button").click();
  check((await links.evaluateAll((all) => all.every((one) => one.getBoundingClientRect().right <= innerWidth))), "the phone's menu leaves the page");
  await links.last().click();
  check(!page.url().includes("/studies"), "the phone's menu leads nowhere");
  await page.close();
}

// A question with a completed word, its answer by pages, its chart, and the question kept and forgotten.
async function questions(page, lang) {
  const go = (path) => page.goto(`${address.origin}${path}`);
  // The dictionary comes late, after the word has been typed.
  await page.route(/words/, (route) => setTimeout(() => route.continue(), 1000));
  await go("/sql");
  const editor = page.locator("textarea[name=q]");
  await editor.click();
  await editor.pressSequentially("selec");
  await page.locator("#completions li").first().waitFor();
  await editor.press("ArrowDown");
  await editor.press("Enter");
  await editor.pressSequentially(" client_id, contact_id from contac");
  await page.locator("#completions li", { hasText: /^contacts$/ }).click();
  check((await editor.inputValue()) === "select client_id, contact_id from contacts", `${lang}: the word is not completed`);
  await editor.press("Control+Enter");
  await page.locator("table.answer tbody tr").first().waitFor();
  check((await page.locator("table.answer tbody tr").count()) === 100, `${lang}: an answer is not shown by pages`);
  await page.locator(".turn a[rel=next]").click();
  check(page.url().includes("page=2") && (await page.locator("table.answer tbody tr").count()) > 0, `${lang}: an answer has no second page`);
  await go("/sql?q=select%20service%2C%20count(*)%20as%20n%20from%20contacts%20group%20by%20service");
  check((await page.locator("svg[aria-labelledby=chart-title]").count()) === 1, `${lang}: an answer has no chart`);
  await page.locator("#save input[name=name]").fill(`kept ${lang}`);
  await page.locator("#save button").click();
  await page.locator("ul.saved a", { hasText: `kept ${lang}` }).click();
  check((await page.locator("table.answer").count()) === 1, `${lang}: a kept question is not answered`);
  await page.locator("ul.saved button").first().click();
  check((await page.locator("ul.saved a", { hasText: `kept ${lang}` }).count()) === 0, `${lang}: a question is not forgotten`);
}

// An empty store leads through a draft of a profile, a try and an ingest to a cohort; a broken file is refused by line.
async function emptyStore(lang) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "virta-front-"));
  const extracts = path.join(folder, "extracts");
  fs.mkdirSync(extracts);
  fs.writeFileSync(path.join(extracts, "visits_20141231.csv"), visits());
  execFileSync(virta, ["init", path.join(folder, "region")]);
  const address = await opened(path.join(folder, "region"), "--extracts", extracts);
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } });
  const page = await watched(context, address.origin);
  await page.goto(address.href);
  await page.goto(`${address.origin}/?lang=${lang}`);
  await page.locator("a[href='/ingest']").click();
  await page.locator("form[action='/ingest/draft'] button").click();
  const editor = page.locator("textarea[name=text]");
  const draft = await editor.inputValue();
  check(draft.includes("visits_*.csv"), `${lang}: the draft reads another file`);
  await editor.fill(draft.replace("[source]", "[source]\ncolour = 1"));
  await page.locator("main form button[type=submit]").click();
  check((await page.locator("[role=alert]").innerText()).includes("4"), `${lang}: a wrong key is not told with its line`);
  await editor.fill(draft);
  await page.locator("main form button[type=submit]").click();
  check((await page.locator("#check-title").count()) === 1, `${lang}: the profile is not tried`);
  check((await page.locator("details table").first().innerText()).includes("2014-"), `${lang}: no row is shown as it becomes`);
  const tried = page.url();
  await page.reload();
  check(page.url() === tried && (await page.locator("#check-title").count()) === 1, `${lang}: a reload loses the try`);
  await page.goto(`${address.origin}/ingest`);
  await page.locator("input[name=profile]").check();
  await page.locator("button[name=trial]").click();
  await page.locator("[data-ingested]").waitFor({ timeout: 60000 });
  await page.goto(`${address.origin}/`);
  check((await page.locator("#empty-title").count()) === 1, `${lang}: a try fills the store`);
  await page.goto(`${address.origin}/ingest`);
  await page.locator("input[name=profile]").check();
  await page.locator("main form button[type=submit]").first().click();
  await page.locator("[data-ingested]").waitFor({ timeout: 60000 });
  check((await page.locator("tbody tr").first().locator("td.n").first().innerText()) === "480", `${lang}: not every row was read`);
  await page.locator("a.button[href='/cohort']").click();
  check((await page.locator("[data-members]").count()) === 1, `${lang}: the store does not lead to a cohort`);
  // A further delivery without a column is refused with its line; mended, it comes in.
  const further = path.join(extracts, "visits_20150131.csv");
  const ingest = async () => {
    await page.goto(`${address.origin}/ingest`);
    await page.locator("input[name=profile]").check();
    await page.locator("main form button[type=submit]").first().click();
    await page.locator("[role=alert], [data-ingested]").first().waitFor({ timeout: 60000 });
  };
  fs.writeFileSync(further, "client;day;cost\nA1;01.01.2015;1,00\n");
  await ingest();
  const refusal = await page.locator("[role=alert]").first().innerText();
  check(/extracts\/visits_20150131\.csv.* 1:/.test(refusal), `${lang}: the refused file is not named with its line: ${refusal}`);
  fs.writeFileSync(further, "client;service;day;cost\nA1;doctor;01.01.2015;1,00\n");
  await ingest();
  check((await page.locator("[data-ingested]").count()) === 1, `${lang}: a further delivery does not come in`);
  await pagesLookRight(context, address.origin, ["/ingest", "/ingest/profile?file=1%2Fvisits.toml&try=1", "/ingest/profile?file=1%2Fcodes%2Fvisits.csv", new URL(page.url()).pathname]);
  await context.close();
  fs.rmSync(folder, { recursive: true });
}

// Four hundred and eighty visits of forty clients.
function visits() {
  const services = ["doctor", "nurse", "dentist", "school"];
  const rows = [...Array(480).keys()].map((at) => {
    const [client, service, month] = [at % 40, services[Math.floor(at / 40) % 4], 1 + Math.floor(at / 40)];
    return `A${1000 + client};${service};0${1 + (client % 9)}.${String(month).padStart(2, "0")}.2014;${10 + client},50`;
  });
  return `client;service;day;cost\n${rows.join("\n")}\n`;
}

async function pagesLookRight(context, origin, pages) {
  const page = await watched(context, origin);
  for (const at of pages) {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const width of colorScheme === "light" ? [2560, 1280, 360] : [1280]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(`${origin}${at}`).catch((error) => fail(`${at}: ${error.message}`));
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        check(!sideways, `${at} ${width}: scrolls sideways`);
        if (width === 2560) continue;
        await page.addScriptTag({ content: axe });
        const { violations } = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), RULES);
        for (const one of violations) fail(`${at} ${colorScheme} ${width}: ${one.id}: ${one.nodes[0].html}`);
      }
    }
    if (pictures) await draw(page, origin, at);
  }
  await page.close();
}

async function draw(page, origin, at) {
  fs.mkdirSync(pictures, { recursive: true });
  await page.emulateMedia({ colorScheme: "light" });
  for (const width of [1280, 400]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`${origin}${at}`);
    const name = at.replace(/[^a-z]+/g, "-").slice(0, 40);
    await page.screenshot({ path: path.join(pictures, `${name}${width}.png`), fullPage: true });
  }
}

async function worksWithoutScript(context) {
  const state = await context.storageState();
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: state });
  const page = await plain.newPage();
  await page.goto(`${address.origin}/cohort?s=4&n=3&lang=en`);
  await page.locator("input[name=s]").fill("2");
  await page.locator("button.plain-only").first().click();
  check(new URL(page.url()).searchParams.get("s") === "2", "without script the button does nothing");
  check((await page.locator("[data-members]").count()) === 1, "without script nothing is found");
  await page.locator("table.grid a").first().click();
  check(new URL(page.url()).searchParams.get("n") === "1", "without script a cell leads nowhere");
  if (hasSql) {
    await page.goto(`${address.origin}/sql`);
    await page.locator("textarea[name=q]").fill("select 1 as one");
    await page.locator("main form button[type=submit]").first().click();
    check((await page.locator("table.answer td").innerText()) === "1", "without script a question is not answered");
  }
  await plain.close();
}

// Makes pages answer while one types. Every page works without it: forms have buttons, cells of the grid are links.
"use strict";
document.documentElement.classList.add("scripted");

// On a phone the menu folds away behind a button; without script its pages stand in rows.
const menuButton = document.querySelector(".menu-button");
if (menuButton) {
  menuButton.hidden = false;
  const fold = (isOpen) => menuButton.setAttribute("aria-expanded", String(isOpen));
  menuButton.addEventListener("click", () => fold(menuButton.getAttribute("aria-expanded") !== "true"));
  menuButton.closest("nav").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menuButton.getAttribute("aria-expanded") !== "true") return;
    fold(false);
    menuButton.focus();
  });
}

// Forms that show another view of the same page are sent as soon as something is chosen.
for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// How far a study has come.
const progress = document.querySelector("progress[data-events]");
if (progress) {
  const events = new EventSource(progress.dataset.events);
  events.onmessage = (event) => {
    const told = JSON.parse(event.data);
    progress.value = told.percent;
    document.getElementById("progress-words").textContent = told.words;
  };
  events.addEventListener("done", () => {
    events.close();
    location.reload();
  });
}

const form = document.querySelector("form[data-live]");
if (form) live(form, document.getElementById("panels"));

function live(form, panels) {
  // One question is on its way at a time. What is typed meanwhile is asked when its answer is here, so that an answer is
  // never shown beside newer controls.
  let isAsking = false;
  let isStale = false;

  const query = () => {
    const pairs = [...new FormData(form)].filter(([, value]) => value !== "");
    return new URLSearchParams(pairs).toString();
  };

  async function ask() {
    if (isAsking) {
      isStale = true;
      return;
    }
    isAsking = true;
    const asked = query();
    try {
      const answer = await fetch(`${form.dataset.live}?${asked}`, { headers: { accept: "text/html" } });
      const html = await answer.text();
      if (!answer.ok) {
        location.assign(`${form.getAttribute("action")}?${asked}`);
        return;
      }
      if (asked === query()) show(html, asked);
      else isStale = true;
    } catch {
      panels.setAttribute("aria-busy", "true");
    }
    isAsking = false;
    if (isStale) {
      isStale = false;
      ask();
    }
  }

  function show(html, asked) {
    const focused = panels.contains(document.activeElement) ? document.activeElement : null;
    const place = focused && focused.dataset.s ? `a[data-s="${focused.dataset.s}"][data-n="${focused.dataset.n}"]` : null;
    panels.innerHTML = html;
    panels.setAttribute("aria-busy", "false");
    if (place) panels.querySelector(place)?.focus();
    history.replaceState(null, "", `${form.getAttribute("action")}?${asked}`);
    for (const one of document.querySelectorAll("a[data-query]")) one.href = `${one.dataset.query}?${asked}`;
    for (const one of document.querySelectorAll("input[data-query]")) one.value = asked;
    for (const one of document.querySelectorAll(".langs a")) {
      one.href = `${form.getAttribute("action")}?${asked}&lang=${one.hreflang}`;
    }
    document.dispatchEvent(new CustomEvent("shown"));
  }

  const changed = (event) => {
    // Another cohort or other years change the controls themselves.
    if (event.target.matches("[data-reload]")) {
      const pairs = new URLSearchParams(query());
      if (event.target.name === "c") [...pairs.keys()].filter((key) => !["base", "c"].includes(key)).forEach((key) => pairs.delete(key));
      location.assign(`${form.getAttribute("action")}?${pairs}`);
      return;
    }
    panels.setAttribute("aria-busy", "true");
    ask();
  };
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });

  // A cell of the grid sets the thresholds.
  panels.addEventListener("click", (event) => {
    const cell = event.target.closest("a[data-s]");
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    form.elements.s.value = cell.dataset.s;
    form.elements.n.value = cell.dataset.n;
    panels.setAttribute("aria-busy", "true");
    ask();
  });
}

// The editor of questions completes words from the dictionary: arrows choose, Enter or Tab takes what is chosen, Escape closes.
const editor = document.querySelector("textarea[data-words]");
if (editor) complete(editor, document.getElementById("completions"));

function complete(editor, list) {
  const words = { words: [], within: [] };
  let loading = null;
  let chosen = -1;
  let start = 0;
  // Asked for once; everybody who needs the words waits for the same answer. What fails is asked for again at the next key.
  const load = () => (loading ??= fetchWords());
  const fetchWords = async () => {
    try {
      const answer = await fetch(editor.dataset.words);
      if (!answer.ok) throw new Error(answer.statusText);
      Object.assign(words, await answer.json());
    } catch {
      loading = null;
    }
  };
  const close = () => {
    list.hidden = true;
    chosen = -1;
    editor.removeAttribute("aria-activedescendant");
  };
  const found = () => {
    const before = editor.value.slice(0, editor.selectionStart);
    const word = before.match(/[\p{L}\p{N}_.]+$/u)?.[0].toLowerCase() ?? "";
    if (word.length < 2) return [];
    const dot = word.lastIndexOf(".");
    const part = word.slice(dot + 1);
    start = before.length - part.length;
    const name = word.slice(0, Math.max(dot, 0)).split(".").pop();
    const known = dot < 0 ? words.words : words.within.filter(([of]) => of.toLowerCase() === name).flatMap(([, all]) => all);
    return known.filter((one) => one.toLowerCase().startsWith(part) && one.toLowerCase() !== part).slice(0, 8);
  };
  const show = () => {
    const all = found();
    if (!all.length) return close();
    list.replaceChildren(
      ...all.map((word, at) => {
        const item = document.createElement("li");
        item.id = `completion-${at}`;
        item.role = "option";
        item.setAttribute("aria-selected", "false");
        item.textContent = word;
        return item;
      }),
    );
    chosen = -1;
    editor.removeAttribute("aria-activedescendant");
    list.hidden = false;
  };
  const choose = (at) => {
    const items = [...list.children];
    chosen = (at + items.length) % items.length;
    items.forEach((item, one) => item.setAttribute("aria-selected", String(one === chosen)));
    editor.setAttribute("aria-activedescendant", items[chosen].id);
  };
  const take = (word) => {
    editor.setRangeText(word, start, editor.selectionStart, "end");
    close();
  };
  editor.addEventListener("focus", load, { once: true });
  editor.addEventListener("input", async () => {
    await load();
    if (document.activeElement === editor) show();
  });
  editor.addEventListener("blur", close);
  editor.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return editor.form.requestSubmit();
    }
    if (list.hidden) return;
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
    else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) take(list.children[chosen].textContent);
    else return;
    event.preventDefault();
  });
  // Before the editor loses its focus.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const item = event.target.closest("li");
    if (item) take(item.textContent);
  });
}

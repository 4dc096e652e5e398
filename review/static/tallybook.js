"use strict";
/* A little comfort on top of pages that work without it: keys, copying, the theme, the slider, live progress. */
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  document.documentElement.classList.add("js");

  const say = (text) => {
    const toast = one(".toast");
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { toast.hidden = true; }, 2200);
  };

  /* theme: what the machine prefers, until somebody says otherwise */
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = one("[data-theme-switch]");
  const isDark = () => (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const label = () => { button.textContent = isDark() ? "Light" : "Dark"; };
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    label();
  });

  /* copying */
  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); say("Copied"); }
    catch { say("The browser does not let us copy: select the text instead"); }
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-copy]");
    if (link) copy(link.closest("dd").previousElementSibling.textContent);
    if (event.target.closest("[data-copy-link]")) copy(location.href);
  });

  /* filters apply at once */
  const filters = one("[data-filters]");
  if (filters) filters.addEventListener("change", () => {
    all("input[type=date]", filters).forEach((input) => { input.disabled = !input.value; });
    filters.requestSubmit();
  });

  /* keys */
  const seen = (card) => (card.checkVisibility ? card.checkVisibility() : card.getClientRects().length > 0);
  /* a closed fold is a stop of its own: Enter opens it, and its updates are stops then */
  const cards = () => all("[data-update], details.fold > summary").filter(seen);
  let at = -1;
  const place_ = `at:${location.pathname}${location.search}`;
  const stand = (place) => {
    const found = cards();
    if (!found.length) return;
    at = Math.max(0, Math.min(found.length - 1, place));
    try { sessionStorage.setItem(place_, at); } catch { /* a browser that keeps nothing */ }
    all(".here").forEach((card) => card.classList.remove("here"));
    found[at].classList.add("here");
    found[at].focus({ preventScroll: true });
    found[at].scrollIntoView({ block: "nearest" });
  };
  /* who comes back goes on where they were */
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
    try { const kept = sessionStorage.getItem(place_); if (kept !== null) stand(Number(kept)); } catch { /* as above */ }
  }
  const current = () => cards()[at];
  const follow = (selector, within, hash = "") => {
    const link = within && one(selector, within);
    if (link) location.href = link.getAttribute("href") + hash;
    return Boolean(link);
  };
  const decide = (key) => {
    const choice = one(`.decide [data-key="${key}"]`);
    if (choice) { one(".decide textarea").focus(); choice.classList.add("main"); say(`Say why, then press “${choice.textContent.trim()}”`); return; }
    follow("[data-decide]", (list ? beside : current()) || document, `#${key}`);
  };
  /* what is new: lines that are chosen, done with, and taken back */
  const list = one("[data-lines]");
  const lines = () => all("[data-line]", list || document.createElement("p")).filter((line) => !line.classList.contains("gone"));
  const undone = [];
  const linkOf = (line) => one("[data-choose-line]", line);
  const beside = one("[data-part]");
  let looked = 0;
  const choose = async (line) => {
    if (!line || !beside) return;
    all(".mline.chosen").forEach((other) => { other.classList.remove("chosen"); linkOf(other).removeAttribute("aria-current"); });
    line.classList.add("chosen");
    linkOf(line).setAttribute("aria-current", "true");
    linkOf(line).focus({ preventScroll: true });
    line.scrollIntoView({ block: "nearest" });
    history.replaceState(null, "", linkOf(line).getAttribute("href"));
    one("[data-done] input[name=update]").value = line.dataset.line;
    const open = one("[data-open]");
    if (open) open.href = linkOf(line).dataset.proof;
    const mine = ++looked;
    const cut = line.dataset.line.lastIndexOf("/");
    const answer = await fetch(`/beside/${encodeURIComponent(line.dataset.line.slice(0, cut))}/${line.dataset.line.slice(cut + 1)}`);
    const text = await answer.text();
    if (mine !== looked || !answer.ok) return;
    beside.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
  };
  const chosen = () => one(".mline.chosen");
  const step = (by) => {
    const found = lines();
    const place = found.indexOf(chosen());
    choose(found[Math.max(0, Math.min(found.length - 1, place + by))]);
  };
  const keep = async (names, undo) => {
    const form = new URLSearchParams([["csrf", list.dataset.csrf], ...names.map((name) => ["update", name]), ...(undo ? [["undo", "1"]] : [])]);
    const answer = await fetch("/done", { method: "POST", body: form, headers: { Accept: "application/json" } });
    if (!answer.ok) location.reload();
  };
  const left = (by) => {
    const told = one("[data-left]");
    told.firstChild.textContent = told.firstChild.textContent.replace(/^[\d,]+ updates?/, (text) => {
      const count = Number(text.replace(/\D/g, "")) + by;
      return `${count.toLocaleString("en-US")} ${count === 1 ? "update" : "updates"}`;
    });
  };
  const finish = async () => {
    const found = lines();
    const picked = found.filter((line) => one("[data-select]", line).checked);
    const gone = picked.length ? picked : found.filter((line) => line === chosen());
    if (!gone.length) return;
    const rest = found.slice(found.indexOf(gone[gone.length - 1])).find((line) => !gone.includes(line)) || found.find((line) => !gone.includes(line));
    undone.push(gone.map((line) => line.dataset.line));
    gone.forEach((line) => { line.classList.add("gone"); one("[data-select]", line).checked = false; });
    left(-gone.length);
    say(`Done with ${gone.length === 1 ? "it" : gone.length}; z takes it back`);
    const kept = keep(undone[undone.length - 1]);
    if (rest) choose(rest); else { await kept; location.href = "/"; }
  };
  const back = () => {
    const names = undone.pop();
    if (!names) { say("There is nothing to take back here"); return; }
    keep(names, true);
    const found = all("[data-line]").filter((line) => names.includes(line.dataset.line));
    found.forEach((line) => line.classList.remove("gone"));
    left(found.length);
    choose(found[0]);
  };
  if (list) {
    list.addEventListener("click", (event) => {
      const link = event.target.closest("[data-choose-line]");
      if (link && !event.ctrlKey && !event.metaKey && matchMedia("(min-width: 1081px)").matches) { event.preventDefault(); choose(link.closest("[data-line]")); }
    });
    one("[data-done]").addEventListener("submit", (event) => { event.preventDefault(); finish(); });
    list.addEventListener("submit", (event) => { event.preventDefault(); finish(); });
    /* what Back brings from the browser's own memory may be older than what was done since */
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
    const at = chosen();
    if (at) at.scrollIntoView({ block: "nearest" });
  }

  /* times for people: how long ago, and in their own zone; UTC where the pointer rests */
  all("[data-ago]").forEach((time) => {
    const at = new Date(time.dateTime);
    const minutes = Math.round((Date.now() - at) / 60000);
    const [by, unit] = minutes < 60 ? [minutes, "min"] : minutes < 1440 ? [Math.round(minutes / 60), "h"] : [Math.round(minutes / 1440), "d"];
    time.title = `${time.dateTime} UTC; here ${at.toLocaleString()}`;
    if (minutes >= 0 && minutes < 90 * 1440) time.textContent = `${by} ${unit}`;
  });

  all("[data-at]").forEach((time) => {
    const at = new Date(time.dateTime);
    const utc = time.textContent;
    const hours = (Date.now() - at) / 3600000;
    const ago = hours < 0 || hours >= 72 ? "" : hours < 1 ? ` (${Math.round(hours * 60)} min ago)` : ` (${Math.round(hours)} h ago)`;
    const here = at.toLocaleString("en-GB", { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });
    const local = () => { time.textContent = `${here.replace(" at ", ", ")}${ago}`; time.title = utc; };
    local();
    /* paper goes to people elsewhere: it bears UTC */
    addEventListener("beforeprint", () => { time.textContent = utc; });
    addEventListener("afterprint", local);
  });

  let leaving = false;
  /* single keys may be switched off: who speaks to the machine presses many by chance */
  const keysOff = () => /(?:^|; )keys=off/.test(document.cookie);
  const keysSwitch = one("[data-keys-switch]");
  keysSwitch.checked = !keysOff();
  keysSwitch.addEventListener("change", () => { document.cookie = `keys=${keysSwitch.checked ? "on" : "off"}; path=/; max-age=31536000; samesite=lax`; });
  all("[data-keys]").forEach((link) => { link.hidden = false; link.addEventListener("click", () => one(".keys").showModal()); });

  document.addEventListener("keydown", (event) => {
    if (keysOff() && event.key !== "Escape") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea, dialog[open]")) return;
    const keys = {
      j: () => (list ? step(1) : stand(at + 1)),
      k: () => (list ? step(-1) : stand(at - 1)),
      x: () => { const box = list && chosen() && one("[data-select]", chosen()); if (box) { box.checked = !box.checked; step(1); } },
      z: () => { if (list) back(); else { const form = one(".done-note form"); if (form) form.requestSubmit(); } },
      c: () => { const text = one(".cite dd[lang=en]", current() || (cards().length === 1 ? cards()[0] : document.body.querySelector(".quotable")) || document.createElement("p")); if (text) copy(text.textContent); },
      a: () => decide("a"),
      r: () => decide("r"),
      e: () => { if (list) { finish(); return; } const value = one("#v"); if (value) { value.focus(); value.select(); } },
      "/": () => { const search = one("main [data-find]") || one("[data-find]"); if (search) { search.focus(); search.select(); } },
      "?": () => one(".keys").showModal(),
      Escape: () => {
        const typed = all(".decide textarea, .decide input[type=text]").some((field) => field.value !== field.defaultValue);
        if (typed && !leaving) { leaving = true; setTimeout(() => { leaving = false; }, 2200); say("What you typed would be lost: press Esc again to leave"); return; }
        if (location.pathname !== "/") location.href = "/";
      },
    };
    if (event.target.closest("summary") && event.key === "Enter") return;
    if (event.key === "Enter" && list && chosen() && [document.body, linkOf(chosen())].includes(event.target)) {
      event.preventDefault();
      location.href = linkOf(chosen()).dataset.hold || linkOf(chosen()).dataset.proof;
      return;
    }
    if (event.key === "Enter" && current() && event.target === current()) { follow("[data-evidence]", current()); return; }
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });
  if (["#a", "#r"].includes(location.hash) && one(".decide textarea")) decide(location.hash.slice(1));

  /* deciding: what the log will then say */
  const value = one("#v");
  if (value && one("[data-then]")) value.addEventListener("input", () => {
    const old = one("[data-old]").dataset.old;
    const text = value.value.replace(/[,\s]/g, "");
    const number = /^[-−]?\d+(\.\d+)?$/.test(text) ? Number(text.replace("−", "-")) : null;
    const write = (given) => given.toLocaleString("en-US", { maximumFractionDigits: 6 }).replace("-", "−");
    one("[data-correct]").textContent = number === null ? "Correct" : `Correct to ${write(number)}`;
    one("[data-then]").textContent = number === null ? "" : write(number);
    const diff = number !== null && old !== "" ? number - Number(old) : null;
    one("[data-diff]").textContent = diff === null ? "" : (diff > 0 ? "+" : "") + write(diff);
    mayCorrect();
  });
  /* what was read is no correction of itself */
  const correct = one("[data-correct]");
  const pick = one(".hedge-pick");
  const picked = pick && pick.value;
  const mayCorrect = () => {
    if (!correct) return;
    const text = value.value.replace(/[,\s]/g, "").replace("−", "-");
    const same = text !== "" && Number(text) === Number(correct.dataset.read) && correct.dataset.read !== "";
    correct.disabled = text === "" || (same && pick.value === picked);
  };
  if (correct) { mayCorrect(); pick.addEventListener("change", mayCorrect); }

  /* a value that was proposed and chosen stands in the field; typing chooses what is typed */
  const proposed = all("[data-proposed]");
  proposed.forEach((choice) => choice.addEventListener("change", () => {
    if (choice.value) value.value = choice.value;
    value.dispatchEvent(new Event("input"));
  }));
  if (proposed.length) value.addEventListener("input", () => {
    const chosen = proposed.find((choice) => choice.checked);
    if (chosen && chosen.value && chosen.value !== value.value) proposed[proposed.length - 1].checked = true;
  });

  /* reasons that are often given, to begin with */
  all("[data-chips]").forEach((chips) => {
    chips.hidden = false;
    chips.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-chip]");
      const why = one("textarea[name=why]", chips.closest("form"));
      if (chip) { why.value = chip.textContent; why.focus(); }
    });
  });

  /* several at once: the number to confirm is that of what is ticked */
  const several = one("[data-several]");
  if (several) several.addEventListener("change", (event) => {
    if (!event.target.closest("[data-pick]")) return;
    const count = all("[data-pick]:checked", several).length;
    one("[data-count]", several).textContent = count.toLocaleString("en-US");
    const confirm = one("[data-confirm]", several);
    confirm.value = count;
    confirm.checked = false;
  });

  /* what Back brings is what the address asks for */
  addEventListener("pageshow", () => { all("form[data-filters]").forEach((form) => form.reset()); if (value && correct) mayCorrect(); });

  /* the slider: the series as the world could know it */
  const known = one("[data-known]");
  if (known) {
    const slider = one("input[type=range]", known);
    const output = one("output", known);
    const steps = slider.dataset.steps.split(" ");
    const months = "January February March April May June July August September October November December".split(" ");
    const words = (instant) => { const [y, m, d] = instant.slice(0, 10).split("-").map(Number); return `${d} ${months[m - 1]} ${y}`; };
    const show = () => { const text = words(steps[slider.value]); output.textContent = text; slider.setAttribute("aria-valuetext", text); };
    let asked = 0;
    const load = async () => {
      const mine = ++asked;
      const given = new FormData(known);
      given.delete("step");
      given.set("known_at", steps[slider.value]);
      const query = `?${new URLSearchParams(given)}`;
      const answer = await fetch(`${known.getAttribute("action")}${query}&only=known`);
      const text = await answer.text();
      if (mine !== asked || !answer.ok) return;
      const parsed = new DOMParser().parseFromString(text, "text/html");
      one("#known").replaceChildren(...parsed.body.childNodes);
      history.replaceState(null, "", query);
      one("[data-now]", known).hidden = false;
    };
    let timer = 0;
    slider.addEventListener("input", () => { show(); clearTimeout(timer); timer = setTimeout(load, 90); });
    known.addEventListener("submit", (event) => { event.preventDefault(); load(); });
  }

  /* refresh now: how far it is */
  const run = one("[data-run]");
  if (run && !run.hidden && !one("progress", run).hidden) {
    const text = one("[data-run-text]", run);
    const began = Date.now();
    const look = async () => {
      const answer = await fetch(run.dataset.run);
      const found = answer.ok ? await answer.json() : null;
      if (!found) return;
      if (found.stage !== "done") {
        text.textContent = `Refreshing, ${found.stage}: ${Math.round((Date.now() - began) / 1000)} s`;
        setTimeout(look, 400);
        return;
      }
      one("progress", run).hidden = true;
      text.textContent = `Refreshed in ${found.seconds} s: ${found.state}${found.message ? ". " + found.message : ""}`;
      if (found.update) {
        const link = document.createElement("a");
        const [source, number] = [found.update.slice(0, found.update.lastIndexOf("/")), found.update.slice(found.update.lastIndexOf("/") + 1)];
        link.href = `/updates/${encodeURIComponent(source)}/${number}`;
        link.textContent = `${found.update}: ${found.changes} ${found.changes === 1 ? "change" : "changes"}`;
        one("[data-run-link]", run).replaceChildren(link);
      }
    };
    look();
  }
})();

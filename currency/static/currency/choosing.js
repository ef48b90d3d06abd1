// Countries to compare, kept in this tab from page to page, and the keys of the search box.
// The boxes named "countries" are the form's own: without this script it carries them to the next page.

const KEY = "countries";
const tray = document.getElementById("tray");
const form = document.getElementById("choose");
const list = tray.querySelector(".tray-list");
const told = tray.querySelector("[data-told]");
const go = tray.querySelector("[data-go]");
const count = tray.querySelector("[data-count]");
const most = Number(tray.dataset.most);
const box = document.getElementById("q");
const names = new Intl.DisplayNames([document.documentElement.lang], { type: "region" });

let chosen = [];
/** Countries that the address names: of a link, or of the form that was sent without this script. */
const linked = [...new Set(new URLSearchParams(location.search).getAll("countries").join().toUpperCase().split(","))]
  .filter((code) => /^[A-Z]{2}$/.test(code))
  .slice(0, most);

const nameOf = (code) => names.of(code) ?? code;
const flagOf = (code) => String.fromCodePoint(...[...code].map((letter) => 0x1f1e6 + letter.charCodeAt(0) - 65));
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function say(text, isRefusal = false) {
  told.classList.toggle("is-refusal", isRefusal);
  // The same words twice are announced twice.
  told.textContent = "";
  requestAnimationFrame(() => { told.textContent = text; });
}

function kept() {
  try {
    const codes = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(codes) ? codes.filter((code) => /^[A-Z]{2}$/.test(code)).slice(0, most) : [];
  } catch {
    return [];
  }
}

function keep() {
  try { sessionStorage.setItem(KEY, JSON.stringify(chosen)); } catch { /* for this page only */ }
}

function tick(within = document) {
  for (const each of within.querySelectorAll('input[name="countries"]')) {
    each.checked = chosen.includes(each.value);
    // Of several boxes of one country a form without this script sends that of the tray alone.
    each.disabled = false;
  }
}

function draw() {
  list.replaceChildren(...chosen.map((code) => {
    const item = document.createElement("li");
    item.className = "pick";
    const flag = document.createElement("span");
    flag.className = "flag";
    flag.ariaHidden = "true";
    flag.textContent = flagOf(code);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.dataset.remove = code;
    remove.textContent = "×";
    remove.ariaLabel = filled(tray.dataset.remove, { name: nameOf(code) });
    item.append(flag, nameOf(code), remove);
    return item;
  }));
  count.textContent = String(chosen.length);
  // On the page that compares just these there is nothing to go on to.
  const isShown = location.pathname === tray.dataset.compare && chosen.join() === linked.join();
  tray.classList.toggle("is-empty", chosen.length === 0 || isShown);
}

function change(code, isWanted) {
  if (isWanted && !chosen.includes(code)) {
    if (chosen.length >= most) {
      say(filled(tray.dataset.full, { most, name: nameOf(code) }), true);
      tick();
      return;
    }
    chosen = [...chosen, code];
  } else if (!isWanted) {
    chosen = chosen.filter((each) => each !== code);
  }
  keep();
  tick();
  draw();
  say(filled(isWanted ? tray.dataset.added : tray.dataset.removed, { name: nameOf(code), count: chosen.length, most }));
}

document.addEventListener("change", (event) => {
  if (event.target.matches('input[name="countries"]')) change(event.target.value, event.target.checked);
});

list.addEventListener("click", (event) => {
  const remove = event.target.closest("[data-remove]");
  if (!remove) return;
  const place = chosen.indexOf(remove.dataset.remove);
  change(remove.dataset.remove, false);
  // The keyboard goes on where it was.
  const left = list.querySelectorAll("[data-remove]");
  (left[Math.min(place, left.length - 1)] ?? box ?? go).focus({ preventScroll: true });
});

form.addEventListener("submit", (event) => {
  if (event.submitter === go) {
    event.preventDefault();
    if (chosen.length === 0) say(tray.dataset.none, true);
    else location.assign(`${tray.dataset.compare}?countries=${chosen.join(",")}`);
  } else if (box) {
    event.preventDefault();
    takeFirst();
  }
});

// --- the search box ------------------------------------------------------------------------

const found = document.getElementById("found");
let isAwaited = false;

const rows = () => [...found.querySelectorAll('input[name="countries"], a.found-row')];
const isOfNow = () => (found.querySelector("[data-q]")?.dataset.q ?? "").trim() === box.value.trim();

// Enter: the best match is the one meant. What is still on its way is waited for.
function takeFirst() {
  if (!box.value.trim()) return;
  if (!isOfNow()) {
    isAwaited = true;
    return;
  }
  isAwaited = false;
  const [first] = rows();
  if (!first) return;
  if (first.matches("a")) location.assign(first.href);
  else {
    change(first.value, true);
    box.select();
  }
}

if (box) {
  box.addEventListener("input", () => { isAwaited = false; });
  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = rows();
    const at = all.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && (at >= 0 || document.activeElement === box) && all.length) {
      event.preventDefault();
      all[Math.min(at + 1, all.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (at === 0 ? box : all[at - 1]).focus();
    } else if (event.key === "Escape" && at >= 0) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "Enter" && event.target.matches('input[name="countries"]')) {
      event.preventDefault();
      event.target.click();
    }
  });
}

document.body.addEventListener("htmx:afterSwap", () => {
  tick();
  if (isAwaited && isOfNow()) takeFirst();
});
for (const trouble of ["htmx:responseError", "htmx:sendError"]) {
  document.body.addEventListener(trouble, (event) => {
    if (event.target === box) say(tray.dataset.failed, true);
  });
}

// --- what was chosen before ----------------------------------------------------------------

function begin() {
  chosen = kept();
  tick();
  draw();
}

// A link that names countries is what somebody wants to go on with.
if (linked.length) {
  chosen = linked;
  keep();
}
tray.classList.add("is-live");
tray.querySelector(".tray-hint").hidden = true;
tray.querySelector(".tray-count").hidden = false;
begin();
addEventListener("pageshow", (event) => { if (event.persisted) begin(); });

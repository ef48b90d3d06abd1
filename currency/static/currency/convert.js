// Live conversion: only the field one writes in is asked for; the other one is filled from the answer.
// Without this file the form sends itself, and the server tells the two apart.
"use strict";
(() => {
  const form = document.querySelector("[data-convert]");
  const fieldOf = (name) => form.elements[name];
  const grouped = /^\d{1,3}(,\d{3})+(\.\d+)?$/;
  const plain = (written) => (grouped.test(written.trim()) ? written.trim().replaceAll(",", "") : written.trim());
  const result = () => document.querySelector("[data-result]");

  let side = result().dataset.side;
  let lastAsked = "";
  let answered = ""; // what stood in the field when the answer that comes next was asked for
  const chosen = { from: fieldOf("from").value, to: fieldOf("to").value };

  form.addEventListener("input", (event) => {
    if (event.target.name === "amount" || event.target.name === "receive") side = event.target.name;
  });

  // Before htmx hears of it: choosing the other side's currency swaps the two.
  form.addEventListener("change", (event) => {
    const { name, value } = event.target;
    if (name !== "from" && name !== "to") return;
    const other = name === "from" ? "to" : "from";
    if (fieldOf(other).value === value) fieldOf(other).value = chosen[name];
    chosen.from = fieldOf("from").value;
    chosen.to = fieldOf("to").value;
  }, true);

  form.addEventListener("htmx:configRequest", (event) => {
    const asked = event.detail.parameters;
    delete asked[side === "amount" ? "receive" : "amount"];
    delete asked.shown;
    answered = fieldOf(side).value;
    asked[side] = plain(answered);
    delete asked.discount; // last, as the server writes its addresses
    if (fieldOf("discount").value.trim()) asked.discount = fieldOf("discount").value.trim();
  });

  // The address is the page's, not the part's. Writing on in one field makes no new step back each time.
  document.body.addEventListener("htmx:beforeHistoryUpdate", (event) => {
    const { history: update } = event.detail;
    if (!update.path) return;
    const address = new URL(update.path, location.href);
    address.searchParams.delete("part");
    update.path = address.pathname + address.search;
    const trigger = document.activeElement?.name ?? "";
    if (trigger && trigger === lastAsked) update.type = "replace";
    lastAsked = trigger;
  });

  // A step back is a page of its own, asked for as such.
  document.body.addEventListener("htmx:historyCacheMiss", (event) => {
    event.preventDefault();
    location.reload();
  });

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "result") tell();
  });

  function tell() {
    const told = result().dataset;
    const filled = side === "amount" ? "receive" : "amount";
    fill(filled);
    // An answer to less than is written by now is on its way to be replaced: it tidies nothing up.
    const isCurrent = fieldOf(side).value === answered;
    if (isCurrent && document.activeElement !== fieldOf(side) && told[side]) fieldOf(side).value = told[side];
    form.querySelector("[data-swap]").href = told.swapped;
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const message of form.querySelectorAll(".wrong")) message.textContent = "";
    if (told.wrong) {
      fieldOf(told.wrong).setAttribute("aria-invalid", "true");
      document.getElementById(`wrong-${told.wrong}`).textContent = told.message;
    }
    const answer = document.querySelector("[data-answer]");
    document.querySelector("[data-told]").textContent = answer ? answer.textContent : "";
  }

  // What somebody is about to write in is left alone until they leave it without having written.
  function fill(name) {
    const field = fieldOf(name);
    if (document.activeElement !== field) field.value = result().dataset[name];
    else field.addEventListener("blur", () => { if (side !== name) field.value = result().dataset[name]; }, { once: true });
  }

  // Sharing: the system's own way where there is one, else the clipboard, else it is a link.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-share]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      if (navigator.share) await navigator.share({ url: link.href, title: document.title });
      else {
        await navigator.clipboard.writeText(link.href);
        document.querySelector("[data-shared]").textContent = link.dataset.copied;
      }
    } catch (error) {
      if (error.name !== "AbortError") location.assign(link.href);
    }
  });
})();

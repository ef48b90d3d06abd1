// How old the card is when it is read, which may be long after it was made; and a button to print it.
"use strict";
(() => {
  const saved = document.querySelector("[data-saved]");
  const age = document.querySelector("[data-age]");
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];

  function tell() {
    const seconds = (Date.now() - new Date(saved.dateTime)) / 1000;
    const [unit, length] = units.find(([, least]) => seconds >= least) ?? ["second", 1];
    age.textContent = ` · ${unit === "second" ? words.format(0, "second") : words.format(-Math.floor(seconds / length), unit)}`;
  }

  if (saved && age) {
    tell();
    setInterval(tell, 60_000);
  }

  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
})();

// Before the first paint, so that a page never flashes in the other theme.
"use strict";
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch { /* storage is refused: the system's theme stays */ }
})();

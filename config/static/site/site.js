// What every page does: switch between light and dark, and live on without a network.
"use strict";
const script = document.currentScript;

const root = document.documentElement;
const isDark = () =>
  root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

const themeSwitch = document.querySelector("[data-theme-switch]");
if (themeSwitch) {
  const tell = () => themeSwitch.setAttribute("aria-pressed", String(isDark()));
  themeSwitch.hidden = false;
  tell();
  themeSwitch.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* for this page only */ }
    tell();
    // Charts are painted in the theme's colours.
    document.dispatchEvent(new CustomEvent("themechange"));
  });
}

if ("serviceWorker" in navigator && script.dataset.serviceWorker) {
  addEventListener("load", () => navigator.serviceWorker.register(script.dataset.serviceWorker).catch(() => {}));
}

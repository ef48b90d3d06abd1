/* The policy refuses style attributes, also those that Alpine writes with setAttribute("style", …) for an
   x-bind:style of a text. The same declarations through element.style are what the policy allows to scripts. */
(() => {
  const write = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style" && this.style) this.style.cssText = value;
    else write.call(this, name, value);
  };
})();

/* The theme's layout tells no reader of screens where its main part is. */
document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("main")?.setAttribute("role", "main");
});

/* Its scroll bars call everything that scrolls a region, all of the same name. */
window.addEventListener("load", () => {
  for (const each of document.querySelectorAll(".simplebar-content-wrapper")) {
    each.removeAttribute("role");
    each.removeAttribute("aria-label");
  }
});

/* The policy refuses style attributes, also those that Alpine writes with setAttribute("style", …) for an
   x-bind:style of a text. The same declarations through element.style are what the policy allows to scripts. */
(() => {
  const write = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style" && this.style) this.style.cssText = value;
    else write.call(this, name, value);
  };
})();

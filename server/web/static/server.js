// Says so when the page can no longer fetch its live part, and takes it back when it can again.
"use strict";

const lost = () => document.getElementById("lost");

for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, () => {
    lost().hidden = false;
  });
}

document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.xhr.status < 400) lost().hidden = true;
});

// A list that scrolls by itself stays where the reader left it when its page's live part is replaced.
const scrolled = new Map();

document.addEventListener("htmx:beforeSwap", (event) => {
  for (const list of event.detail.target.querySelectorAll(".scrolls")) {
    scrolled.set(list.closest("[id]").id, list.scrollTop);
  }
});

document.addEventListener("htmx:afterSettle", () => {
  for (const [id, top] of scrolled) {
    const list = document.querySelector(`#${id} .scrolls`);
    if (list) list.scrollTop = top;
  }
});

// What the pages do by themselves: the PIN pad and the letters on the screen, the stepper, letters that filter a list,
// the live weight, questions one at a time, forgetting what was typed, waiting marks, what is missing in a form, printing.
// Every page also works as plain forms; nothing here decides anything.
"use strict";

function each(root, selector, work) {
  for (const element of root.querySelectorAll(selector)) work(element);
}

function keypad(pad) {
  let field = document.getElementById(pad.dataset.for);
  const go = pad.querySelector("[type=submit]");
  const least = Number(pad.dataset.least || 1);
  const show = () => { if (go) go.disabled = field.value.length < least; };
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    if (!key) return;
    if (key.dataset.key === "delete") field.value = field.value.slice(0, -1);
    else if (field.value.length < field.maxLength) field.value += key.dataset.key;
    field.dispatchEvent(new Event("input"));
  });
  field.addEventListener("input", show);
  show();
  if (pad.dataset.follows === undefined) return;
  const follow = (chosen) => {  // one pad for several fields: it types into the one that was touched last
    field.classList.remove("typing");
    field = chosen;
    field.classList.add("typing");
  };
  field.form.addEventListener("focusin", (event) => { if (event.target.matches(".pin-field")) follow(event.target); });
  follow(field);
}

// A form of several questions shows one at a time; a question with data-when is asked only after that answer.
function steps(form) {
  const all = [...form.querySelectorAll("[data-step]")];
  const asked = (step) => !step.dataset.when || form.querySelector(step.dataset.when).checked;
  let now = all[0];
  const show = (step) => {
    now = step;
    for (const each of all) { each.hidden = each !== step; each.disabled = !asked(each); }
    const field = step.querySelector("input:not([type=radio])");
    if (field) field.focus();
  };
  const go = (way) => {
    if (way === "back") return show(all[Math.max(all.indexOf(now) - 1, 0)]);
    if ([...now.elements].some((field) => !field.reportValidity())) return;
    const next = all.slice(all.indexOf(now) + 1).find(asked);
    if (next) show(next); else { for (const each of all) each.disabled = !asked(each); form.requestSubmit(); }
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-go]");
    if (button) go(button.dataset.go);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) { event.preventDefault(); go("on"); }
  });
  show(now);
}

// What was typed about somebody does not wait on the screen: the page is left when nobody goes on with it.
function forget(form) {
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { form.reset(); location.replace(form.dataset.forgetTo); }, form.dataset.forget * 1000);
  };
  for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, again);
  window.addEventListener("pagehide", () => form.reset());
  again();
}

function stepper(box) {
  const field = box.querySelector("input");
  box.addEventListener("click", (event) => {
    const key = event.target.closest("[data-step]");
    if (!key) return;
    const next = Number(field.value || 0) + Number(key.dataset.step);
    field.value = Math.min(Math.max(next, 0), Number(field.getAttribute("max")));
    field.dispatchEvent(new Event("input"));
  });
}

function letters(row) {
  const list = document.getElementById(row.dataset.for);
  row.addEventListener("click", (event) => {
    const chosen = event.target.closest("button");
    if (!chosen) return;
    each(row, "button", (button) => button.setAttribute("aria-pressed", String(button === chosen)));
    const letter = chosen.dataset.letter;
    each(list, "[data-initial]", (person) => { person.hidden = letter !== "" && person.dataset.initial !== letter; });
    list.scrollTop = 0;
  });
}

function liveWeight(panel) {
  const weight = panel.querySelector("output");
  const help = panel.querySelector(".scale-help");
  const take = document.getElementById("take");
  const needsEmpty = panel.dataset.lift === "yes";
  // What the panel shows as still is a child lying still; whoever holds one sways more, and the reading waits for that.
  const readable = panel.dataset.sways === "yes" ? ["stable", "settling"] : ["stable"];
  let seenEmpty = !needsEmpty;
  async function look() {
    try {
      const answer = await fetch(panel.dataset.live, { headers: { Accept: "application/json" } });
      if (answer.status === 401) { location.href = "/login?why=ended"; return; }
      const now = await answer.json();
      panel.dataset.state = now.state;
      weight.textContent = now.kg;
      help.textContent = now.help;
      if (now.state === "empty") seenEmpty = true;
      each(document, "[data-lift-step]", (step) => {
        step.classList.toggle("now", (step.dataset.liftStep === "off") === !seenEmpty);
        step.classList.toggle("done", step.dataset.liftStep === "off" && seenEmpty);
      });
      if (take) take.disabled = !readable.includes(now.state) || !now.kg || !seenEmpty;
    } catch {
      panel.dataset.state = "disconnected";
      if (take) take.disabled = true;
    }
    setTimeout(look, 250);
  }
  look();
}

// What the browser says of a field that was left out, in the page's language instead of its own.
function missing(field) {
  field.addEventListener("invalid", () => field.setCustomValidity(field.dataset.missing));
  const clear = () => each(field.form, `[name="${field.name}"]`, (other) => other.setCustomValidity(""));
  field.addEventListener("input", clear);
  field.addEventListener("change", clear);
}

document.addEventListener("DOMContentLoaded", () => {
  each(document, "[data-missing]", missing);
  each(document, "[data-keypad]", keypad);
  each(document, "[data-steps]", steps);
  each(document, "[data-forget]", forget);
  each(document, "[data-stepper]", stepper);
  each(document, "[data-letters]", letters);
  each(document, "[data-live]", liveWeight);
  each(document, "[data-print]", (button) => button.addEventListener("click", () => window.print()));
});

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.matches("[hx-post]")) return;
  if (event.target.classList.contains("busy")) { event.preventDefault(); return; }
  event.target.classList.add("busy");
  event.target.dispatchEvent(new Event("busy"));  // what tells of the waiting begins to ask
});

window.addEventListener("pageshow", () => each(document, "form.busy", (form) => form.classList.remove("busy")));

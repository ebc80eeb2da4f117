// Before a sign-in ends for lack of use: a warning. After it has ended: nothing of a patient is left on the screen.
// The service decides when that is and is asked here; asking does not count as use. Without this script a sign-in ends
// just the same, and what was typed is kept when the form is sent.

const warning = document.getElementById("idle-warning");
const ended = document.getElementById("signed-out");
const stayForm = warning.querySelector("form");
const leftShown = warning.querySelector("[data-left]");
const leftSaid = warning.querySelector("[data-said]");
const title = document.title;

const SECOND = 1000;
const WARN = 120 * SECOND;
const SLACK = 30 * SECOND; // the service notes use twice a minute at most: it may know of less than this page
const ASK_EVERY = 10 * SECOND; // while the warning is open: somebody may have gone on in another tab
const USE_EVERY = 120 * SECOND; // typing and pointing on a long page are use too
const SAY_AT = [120, 60, 30, 10]; // seconds left; a voice that counts every second can't be listened to

// The larger of two clocks: one stands still while a machine sleeps, the other can be set back.
const opened = { date: Date.now(), ticks: performance.now() };
const now = () => Math.max(Date.now() - opened.date, performance.now() - opened.ticks);

let end = now() + Number(warning.dataset.seconds) * SECOND;
let askAgain = 0;
let lastUse = now();
let isPersonSame = true;
let isFinal = false; // the sign-in is as old as any may become
let isDismissed = false;
let said = Infinity;

const isCovered = () => !ended.hidden;
const left = () => end - now();

async function ask(method = "GET") {
  askAgain = now() + ASK_EVERY;
  try {
    const token = stayForm.elements.csrf_token.value;
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    const answer = await fetch(stayForm.action, { method, headers, redirect: "manual", cache: "no-store" });
    if (answer.status >= 500) return;
    const state = answer.ok ? await answer.json() : { seconds_left: 0 };
    isFinal = Boolean(state.is_final);
    isPersonSame = !state.user || state.user === warning.dataset.user;
    end = now() + state.seconds_left * SECOND;
  } catch {
    // The service can't be reached: what it said last holds.
  }
}

async function stay() {
  if (warning.open && isFinal) {
    isDismissed = true;
    return warning.close();
  }
  lastUse = now();
  await ask("POST");
  if (left() <= 0) await ask(); // the form token of a page that is older than the sign-in is refused
  show();
}

function show() {
  if (left() <= 0 || !isPersonSame) return cover();
  uncover();
  if (left() > WARN) return warning.open && warning.close();
  if (isDismissed && isFinal) return;
  if (!warning.open) {
    said = Infinity;
    for (const one of warning.querySelectorAll("[data-final]")) one.hidden = (one.dataset.final === "yes") !== isFinal;
    warning.showModal();
  }
  count();
}

function count() {
  const seconds = Math.max(0, Math.ceil(left() / SECOND));
  leftShown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const step = SAY_AT.findLast((one) => seconds <= one) ?? SAY_AT[0];
  if (step >= said) return;
  said = step;
  leftSaid.textContent = `You will be signed out in ${seconds >= 60 ? `${Math.round(seconds / 60)} min` : `${seconds} seconds`}.`;
}

function cover() {
  if (isCovered()) return;
  if (warning.open) warning.close();
  ended.querySelector("[data-unsent]").hidden = !unsent();
  ended.hidden = false;
  document.documentElement.classList.add("is-covered");
  document.title = "Signed out · Holdwell"; // the page's own may name a patient
  ended.querySelector("[tabindex]").focus();
}

function uncover() {
  if (!isCovered()) return;
  ended.hidden = true;
  document.documentElement.classList.remove("is-covered");
  document.title = title;
  document.getElementById("main").focus();
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
  return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
}

// The form with something in it that is not saved: typed here, or sent and shown again with what is wrong with it.
function unsent() {
  const isRefused = document.querySelector("main .error-summary, main #conflict") !== null;
  const forms = [...document.querySelectorAll("main form")].filter((form) =>
    form.method === "post" && !form.querySelector("[type=password]") && form.querySelector("input:not([type=hidden]), textarea, select"));
  return forms.find((form) => [...form.elements].some(isChanged)) ?? (isRefused ? forms[0] : undefined);
}

async function signInAgain() {
  await ask();
  if (left() > 0 && isPersonSame) return show();
  const form = unsent();
  if (!form || left() > 0) return location.assign(location.pathname + location.search);
  // Sent without a sign-in it is not carried out: it leads to the sign-in, and is offered again after it.
  const button = [...form.elements].find((one) => one.type === "submit");
  const note = Object.assign(document.createElement("input"), { type: "hidden", name: "unsent", value: button?.textContent.trim() ?? "" });
  form.append(note);
  form.noValidate = true;
  form.requestSubmit(button);
}

async function tick() {
  if (isCovered()) return;
  if (left() <= 0) {
    cover(); // first of all, and back again if somebody has gone on in another tab
    await ask();
    return show();
  }
  if (left() <= WARN + SLACK && now() >= askAgain) {
    await ask();
    return show();
  }
  if (warning.open) count();
}

async function look() {
  if (document.visibilityState !== "visible") return;
  if (left() <= 0) cover();
  await ask();
  show();
}

function used(event) {
  if (event.isTrusted && !warning.open && !isCovered() && now() - lastUse > USE_EVERY) stay();
}

stayForm.addEventListener("submit", (event) => {
  event.preventDefault();
  stay();
});
warning.addEventListener("cancel", (event) => {
  event.preventDefault(); // Escape: whoever presses a key is there
  stay();
});
ended.querySelector("button").addEventListener("click", signInAgain);
for (const kind of ["keydown", "pointerdown", "wheel"]) addEventListener(kind, used, { capture: true, passive: true });
document.addEventListener("visibilitychange", look);
addEventListener("pageshow", (event) => event.persisted && look());
setInterval(tick, SECOND);

// The agents' page. The server renders every fragment; this only puts it in its place.

import { connect } from "/static/socket.js";
import * as passing from "/static/passing.js";
import { serverSays, showTimes } from "/static/clock.js";

const body = document.body, words = body.dataset, title = document.title;
const byId = (id) => document.getElementById(id);
const pops = byId("pops"), recent = byId("recent"), ready = byId("ready");
const NOTICE = 6000, FLASH = 1000; // milliseconds
const callers = new Map(); // pop id → how the caller is called
let flashing = 0, noticing = 0;

const find = (id) => [...pops.children].find((pop) => pop.dataset.popId === id);
const say = (text) => { byId("said").textContent = text; };

function fragment(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html; // rendered and escaped by the server
  return holder.content;
}

function showPop({ id, state, told, caller, html }) {
  const pop = fragment(html).firstElementChild, old = find(id);
  const isNew = !old || old.dataset.state !== state;
  const hadFocus = old?.contains(document.activeElement);
  callers.set(id, caller);
  const writing = passing.keep(old, pop);
  if (old) old.replaceWith(pop); else pops.prepend(pop);
  showTimes(pop);
  const log = pop.querySelector(".timeline ol");
  if (log) log.scrollTop = log.scrollHeight;
  if (hadFocus) (writing || pop).focus({ preventScroll: true });
  if (isNew) say(`${told}: ${caller}`);
  if (isNew && state === "ringing") {
    byId("notice").hidden = true;
    scrollTo({ top: 0 });
  }
}

function showBoard({ now, ids, gone, recent: html }) {
  serverSays(now);
  for (const pop of [...pops.children]) {
    if (!ids.includes(pop.dataset.popId)) takeAway(pop, gone[pop.dataset.popId]);
  }
  ids.forEach((id, place) => {
    const pop = find(id);
    if (pop && pops.children[place] !== pop) pops.insertBefore(pop, pops.children[place]);
  });
  if (html !== undefined) showRecent(html);
  ready.hidden = ids.length > 0;
  flash();
}

function takeAway(pop, why) {
  const hadFocus = pop.contains(document.activeElement);
  const wasRinging = pop.dataset.state === "ringing";
  pop.remove();
  callers.delete(pop.dataset.popId);
  if (hadFocus) byId("stage").focus({ preventScroll: true });
  if (wasRinging) notice(why === "abandoned" ? words.noticeAbandoned : words.noticeRetracted);
}

function showRecent(html) {
  const open = new Set([...recent.querySelectorAll("details[open]")].map((one) => one.dataset.key));
  const focused = recent.contains(document.activeElement) && document.activeElement.closest("details")?.dataset.key;
  recent.replaceChildren(fragment(html));
  for (const one of recent.querySelectorAll("details")) {
    one.open = open.has(one.dataset.key);
    if (one.dataset.key === focused) one.querySelector("summary").focus();
  }
  showTimes(recent);
}

function notice(text) {
  const line = byId("notice");
  line.textContent = text;
  line.hidden = false;
  say(text);
  clearTimeout(noticing);
  noticing = setTimeout(() => { line.hidden = true; }, NOTICE);
}

// The tab's title shows who is calling while the phone rings, so that it is seen behind other windows.
function flash() {
  clearInterval(flashing);
  document.title = title;
  const ringing = pops.querySelector('[data-state="ringing"]');
  if (!ringing) return;
  const titles = [`☎ ${callers.get(ringing.dataset.popId)}`, title];
  let turn = 0;
  const next = () => { document.title = titles[turn++ % titles.length]; };
  next();
  flashing = setInterval(next, FLASH);
}

function showState(state) {
  body.dataset.connection = state;
  byId("connection").textContent = words[state];
  byId("lost").hidden = state !== "lost";
  if (state === "lost") pops.querySelectorAll("[data-pass]").forEach((form) => passing.enable(form, true));
  const heading = byId("ready-title");
  heading.textContent = state === "live" ? heading.dataset.ready : heading.dataset.away;
}

function showNotPassed({ id }) {
  passing.enable(find(id)?.querySelector("[data-pass]"), true);
  notice(words.noticeNotPassed);
}

function showGoals({ id, html }) {
  const pop = find(id);
  if (pop?.dataset.state === "answered") passing.open(pop, html);
}

const shows = { pop: showPop, board: showBoard, goals: showGoals, not_passed: showNotPassed };
const socket = connect({ state: showState, message: (message) => shows[message.type]?.(message) });

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  const { close, wrapUp, forget, goals } = button.dataset;
  if (close) socket.send({ type: "close", id: close });
  if (wrapUp) socket.send({ type: "wrap_up", id: wrapUp, solved: "solved" in button.dataset });
  if (forget) {
    button.disabled = true; // the fragment comes anew when it is done, or could not be
    socket.send({ type: "forget", id: forget });
  }
  if (goals && button.getAttribute("aria-expanded") === "true") passing.shut(button.closest(".pop"));
  else if (goals) socket.send({ type: "goals", id: goals });
  if ("cancel" in button.dataset) passing.shut(button.closest(".pop"));
});

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.pass) return;
  event.preventDefault();
  // Without a connection nothing is done, and the form stays as it is.
  if (socket.send(passing.wish(event.target))) passing.enable(event.target, false);
});

document.addEventListener("keydown", (event) => {
  const form = document.activeElement?.closest("[data-pass]");
  if (event.key === "Enter" && event.ctrlKey) form?.requestSubmit();
  if (event.key !== "Escape") return;
  if (form) return passing.shut(form.closest(".pop"));
  // The harmless way out of the newest call that is over: it is put away, and nothing is closed for good.
  const over = pops.querySelector('[data-state="ended"], [data-state="passed"]');
  over?.querySelector("[data-close], [data-wrap-up]:not([data-solved])").click();
});

// The agents' page. The server renders every fragment; this only puts it in its place.

import { connect } from "/static/socket.js";
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

function showPop({ id, state, caller, html }) {
  const pop = fragment(html).firstElementChild, old = find(id);
  const isNew = !old || old.dataset.state !== state;
  const hadFocus = old?.contains(document.activeElement);
  callers.set(id, caller);
  if (old) old.replaceWith(pop); else pops.prepend(pop);
  showTimes(pop);
  const log = pop.querySelector(".timeline ol");
  if (log) log.scrollTop = log.scrollHeight;
  if (hadFocus) pop.focus({ preventScroll: true });
  if (isNew) say(`${words[`state${state[0].toUpperCase()}${state.slice(1)}`]}: ${caller}`);
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
  const heading = byId("ready-title");
  heading.textContent = state === "live" ? heading.dataset.ready : heading.dataset.away;
}

const socket = connect({
  state: showState,
  message: (message) => (message.type === "pop" ? showPop(message) : showBoard(message)),
});

const close = (id) => socket.send({ type: "close", id });
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-close], [data-forget]");
  if (button?.dataset.close) close(button.dataset.close);
  if (button?.dataset.forget) {
    button.disabled = true; // the fragment comes anew when it is done, or could not be
    socket.send({ type: "forget", id: button.dataset.forget });
  }
});
document.addEventListener("keydown", (event) => {
  const ended = event.key === "Escape" && pops.querySelector('[data-state="ended"]');
  if (ended) close(ended.dataset.popId);
});

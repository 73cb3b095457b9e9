// Times in the agent's own zone, and counters that run on the server's clock.

const language = document.documentElement.lang;
const hourCycle = "h23";
const hour = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle });
const minute = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle });
const dayAndHour = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle });

let ahead = 0; // seconds that the server's clock is ahead of ours

export function serverSays(now) { ahead = now - Date.now() / 1000; }

export function showTimes(within) {
  const today = new Date().toDateString();
  for (const time of within.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    const form = at.toDateString() !== today ? dayAndHour : time.closest("#recent") ? minute : hour;
    time.textContent = form.format(at);
  }
  count();
}

function count() {
  const now = Date.now() / 1000 + ahead;
  for (const counter of document.querySelectorAll("[data-since]")) {
    const { since, until } = counter.dataset;
    const seconds = Math.max(0, Math.floor((until ? Number(until) : now) - Number(since)));
    counter.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

setInterval(count, 500);

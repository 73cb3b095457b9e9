// The connection to the server: comes back by itself, slower and slower, and says how it is.

const FIRST_WAIT = 500, LONGEST_WAIT = 10000; // milliseconds
const SILENCE = 60000; // the page says something that often; a connection that died unnoticed shows
const SESSION_OVER = 4401;

export function connect({ message, state }) {
  let socket = null, wait = FIRST_WAIT, waiting = 0, alive = 0;

  function open() {
    clearTimeout(waiting);
    const address = new URL("/socket", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(address);
    socket.onopen = () => {
      alive = setInterval(() => socket.send('{"type":"alive"}'), SILENCE);
    };
    socket.onmessage = (event) => {
      wait = FIRST_WAIT;
      state("live");
      message(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      clearInterval(alive);
      state("lost");
      if (event.code === SESSION_OVER) location.assign("/login");
      else again();
    };
  }

  async function again() {
    // Many pages lose a restarting server at once: they must not come back at once.
    waiting = setTimeout(openIfLoggedIn, wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  async function openIfLoggedIn() {
    try {
      const answer = await fetch("/session", { cache: "no-store" });
      if (answer.status === 401) return location.assign("/login");
      if (answer.ok) return open();
    } catch { /* no server: try again */ }
    again();
  }

  window.addEventListener("online", () => {
    if (socket.readyState === WebSocket.CLOSED) { clearTimeout(waiting); openIfLoggedIn(); }
  });
  open();

  // Whether it was sent: nothing waits for a connection that comes later.
  function send(data) {
    if (socket.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(data));
    return true;
  }

  return { send };
}

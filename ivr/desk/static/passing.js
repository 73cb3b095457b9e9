// Passing the caller on: a form that the server renders, kept while its pop is rendered anew.

const place = (pop) => pop.querySelector("[data-passing]");

export function open(pop, html) {
  const holder = document.createElement("template");
  holder.innerHTML = html; // rendered and escaped by the server
  place(pop).replaceChildren(holder.content);
  expanded(pop, true);
  pop.querySelector("[data-pass] select").focus();
}

export function shut(pop) {
  place(pop).replaceChildren();
  expanded(pop, false);
  pop.querySelector("[data-goals]")?.focus();
}

// What the agent has written and chosen survives news of the caller, but not the end of the talk.
export function keep(old, pop) {
  const form = old?.querySelector("[data-pass]");
  if (!form || pop.dataset.state !== "answered") return;
  const active = form.contains(document.activeElement) ? document.activeElement : null;
  place(pop).replaceChildren(form);
  expanded(pop, true);
  return active;
}

export function wish(form) {
  const [to, ...name] = form.elements.goal.value.split(":");
  return { type: "pass", id: form.dataset.pass, to, name: name.join(":"), words: form.elements.words.value };
}

export function enable(form, on) {
  for (const control of form?.elements ?? []) control.disabled = !on;
}

function expanded(pop, on) {
  pop.querySelector("[data-goals]")?.setAttribute("aria-expanded", String(on));
}

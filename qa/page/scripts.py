"""The little JavaScript that the page needs, all of it: nothing is fetched from anywhere."""

__all__ = [
    "ASKED_BY_LINK", "ASKING", "ASKING_TWICE", "LISTED", "PRESSING", "READING", "SUGGESTING", "TAKING_IN",
    "TALKING", "THEME", "TIMELINE", "TO_FINDING", "saving",
]  # fmt: skip

# Buttons inside the HTML tell the server what to open; copying stays in the browser.
PRESSING = """
const note = (button, words) => {
  const before = button.textContent;
  button.textContent = words;
  setTimeout(() => { button.textContent = before; }, 1500);
};
const copy = async (button, text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // not allowed on plain http from another computer
    const box = document.createElement('textarea');
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand('copy');
    box.remove();
  }
  note(button, 'Copied');
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-open], [data-copy], [data-link]');
  if (!button) return;
  if (button.dataset.open) trigger('select', {open: button.dataset.open});
  else if (button.dataset.copy) copy(button, button.dataset.copy);
  else copy(button, `${location.origin}${location.pathname}?${button.dataset.link}`);
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.target.closest('[data-form]');
  if (form) trigger('select', {open: form.dataset.form, text: form.elements.text.value});
});
"""

# The way back to the box in which one asks.
ASKING = """
() => {
  const box = document.querySelector('#question textarea');
  box.focus({preventScroll: true});
  box.scrollIntoView({block: 'nearest'});
}
"""

# What was offered is gone when it is asked; the next thing to do is to ask.
SUGGESTING = (
    PRESSING
    + f"""
element.addEventListener('click', (event) => {{
  if (event.target.closest('[data-open]')) ({ASKING})();
}});
"""
)

# A new question is scrolled to, or the one that the link asks for; an answer that only changes its
# looks leaves the reader in place: the focus, what is being written and what is unfolded stay.
TALKING = (
    PRESSING
    + f"""
const turns = () => [...element.querySelectorAll('.turn')];
const turnOf = (node) => turns().indexOf(node.closest('.turn'));
const stops = (turn) => [...turn.querySelectorAll('button, input, summary, [tabindex]')];
let shown = 0;
let held = null;
const unfolded = new Set();
const written = new Map();
element.addEventListener('focusin', (event) => {{
  const turn = event.target.closest('.turn');
  held = turn && [turnOf(turn), stops(turn).indexOf(event.target)];
}});
element.addEventListener('focusout', (event) => {{ if (event.relatedTarget) held = null; }});
element.addEventListener('toggle', (event) => {{
  const turn = turnOf(event.target);
  if (turn >= 0) unfolded[event.target.open ? 'add' : 'delete'](turn);
}}, true);
element.addEventListener('input', (event) => {{
  const form = event.target.closest('[data-form]');
  if (form) written.set(form.dataset.form, event.target.value);
}});
element.addEventListener('submit', (event) => written.delete(event.target.dataset.form));
element.addEventListener('click', (event) => {{
  const cite = event.target.closest('.cite');
  if (cite) {{
    for (const old of element.querySelectorAll('[data-read]')) delete old.dataset.read;
    cite.dataset.read = '';
  }}
  if (event.target.closest('.edit')) ({ASKING})();
}});
watch('value', () => {{
  const all = turns();
  const last = all[all.length - 1];
  if (all.length < shown) {{ unfolded.clear(); written.clear(); held = null; }}
  for (const turn of unfolded) all[turn]?.querySelector('details')?.setAttribute('open', '');
  for (const [form, words] of written) {{
    const box = element.querySelector(`[data-form="${{form}}"] input`);
    if (box) box.value = words;
  }}
  if (held && document.activeElement === document.body && all[held[0]]) {{
    const places = stops(all[held[0]]);
    places[Math.min(held[1], places.length - 1)]?.focus({{preventScroll: true}});
  }}
  const linked = shown ? null : new URLSearchParams(location.search).get('q')?.trim();
  const asked = linked && all.find((turn) => turn.querySelector('.question').textContent.startsWith(linked));
  if (asked) asked.scrollIntoView({{block: 'start'}});
  else if (all.length > 1 && (all.length !== shown || last.querySelector('.waiting'))) {{
    last.scrollIntoView({{behavior: 'smooth', block: 'start'}});
  }}
  shown = all.length;
}});
"""
)

# New marks are scrolled to; what was pressed by keyboard keeps the focus, or the article has it.
READING = (
    PRESSING
    + """
const panel = element.closest('.source');
if (panel) {  // it scrolls, also by keyboard
  panel.tabIndex = 0;
  panel.setAttribute('role', 'region');
  panel.setAttribute('aria-label', 'Article');
}
element.addEventListener('click', (event) => {
  if (!event.target.closest('.to-answer')) return;
  const cite = document.querySelector('[data-read]') || document.querySelector('#question textarea');
  cite.focus({preventScroll: true});
  cite.scrollIntoView({block: 'center'});
});
let pressed = null;
element.addEventListener('click', (event) => {
  pressed = event.target.closest('[data-open]')?.getAttribute('aria-label') ?? '';
});
watch('value', () => {
  if (pressed !== null && document.activeElement === document.body) {
    const buttons = [...element.querySelectorAll('[data-open]:not(:disabled)')];
    const again = pressed && buttons.find((button) => button.getAttribute('aria-label') === pressed);
    (again || panel)?.focus({preventScroll: true});
  }
  pressed = null;
  const mark = element.querySelector('mark.span, mark.quoted');
  if (panel) panel.scrollTop = 0;
  if (mark) mark.scrollIntoView({behavior: 'smooth', block: 'center'});
  else if (element.querySelector('.sheet')) element.scrollIntoView({behavior: 'smooth', block: 'start'});
});
"""
)

# After the question whether to remove, the keyboard is in the row again, or in the one that took its place.
LISTED = (
    PRESSING
    + """
let row = 0;
let gone = false;
const back = () => {
  const rows = element.querySelectorAll('tbody tr');
  const near = rows[Math.min(row, rows.length - 1)];
  const [remove, open] = ['.tool', '.entry'].map((button) => near?.querySelector(button));
  (remove ?? open ?? document.querySelector('#find input')).focus();
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-open^="remove:"]');
  if (button) row = [...element.querySelectorAll('tbody tr')].indexOf(button.closest('tr'));
});
document.addEventListener('click', (event) => {
  if (event.target.closest('#keep')) back();
  if (event.target.closest('#remove')) gone = true;
});
watch('value', () => {
  if (gone) back();
  gone = false;
});
"""
)

# What is asked twice comes into sight, with the keyboard on the answer that changes nothing.
ASKING_TWICE = """
const ask = (tries) => {
  const keep = document.querySelector('#keep');
  if (keep?.checkVisibility()) {
    keep.focus({preventScroll: true});
    keep.closest('.confirm').scrollIntoView({block: 'center'});
  } else if (tries) {  // it comes into the page a little later
    requestAnimationFrame(() => ask(tries - 1));
  }
};
ask(60);
watch('value', () => ask(60));
"""

# The newest bars are seen first.
TIMELINE = (
    PRESSING
    + """
const newest = () => {
  const bars = element.querySelector('.timeline');
  if (bars) bars.scrollLeft = bars.scrollWidth;
};
newest();
watch('value', newest);
"""
)

# Files that are taken in can be cancelled by keyboard, whose place was in the box that is gone by then.
TAKING_IN = """
const nowhere = () => document.activeElement === document.body || document.activeElement.id === 'cancel';
const to = (selector, tries) => {
  if (!nowhere()) return;
  const there = document.querySelector(selector);
  if (there?.checkVisibility()) there.focus({preventScroll: true});
  else if (tries) requestAnimationFrame(() => to(selector, tries - 1));
};
watch('value', () => to(element.querySelector('progress') ? '#cancel' : '#files button', 300));
"""

# The button to show all articles is gone when it has done so.
TO_FINDING = "() => document.querySelector('#find input').focus()"

# Light or dark as the visitor chose last, else as the system is; the document says its language.
THEME = """
() => {
  document.documentElement.lang = 'en';
  const button = document.querySelector('#theme');
  let wanted = null;
  const show = (dark) => {
    wanted = dark;
    document.body.classList.toggle('dark', dark);
    button.textContent = dark ? 'Light' : 'Dark';
    button.setAttribute('aria-label', dark ? 'Light colours' : 'Dark colours');
  };
  let chosen = null;
  try { chosen = localStorage.getItem('quoth-theme'); } catch {}
  const system = matchMedia('(prefers-color-scheme: dark)');
  // Gradio sets the class by the system when it is done; what was chosen counts more.
  new MutationObserver(() => {
    if (document.body.classList.contains('dark') !== wanted) show(wanted);
  }).observe(document.body, {attributes: true, attributeFilter: ['class']});
  show(chosen ? chosen === 'dark' : system.matches);
  system.addEventListener('change', (event) => { if (!chosen) show(event.matches); });
  button.addEventListener('click', () => {
    const dark = !document.body.classList.contains('dark');
    chosen = dark ? 'dark' : 'light';
    try { localStorage.setItem('quoth-theme', chosen); } catch {}
    show(dark);
  });
  // A heading that closes the message holds a button that does so, too: one of them is enough.
  new MutationObserver(() => {
    for (const heading of document.querySelectorAll('.toast-header[role]')) {
      heading.removeAttribute('role');
      heading.removeAttribute('tabindex');
    }
  }).observe(document.body, {childList: true, subtree: true});
  document.addEventListener('click', (event) => {
    const asked = event.target.closest('#new');
    if (asked && !confirm('Begin a new conversation? This one is deleted.')) event.stopPropagation();
  }, true);
}
"""

# A link may hold a question, and of which articles it is asked: ?q=…&publisher=…&since=…&until=…
ASKED_BY_LINK = "(_, turns) => [location.search.slice(1), turns]"


def saving(name: str) -> str:
    """Hands the text that a hidden box holds to the visitor as a file called ``name``."""
    return f"""
(text) => {{
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], {{type: 'text/plain;charset=utf-8'}}));
  link.download = '{name}';
  link.click();
  URL.revokeObjectURL(link.href);
}}
"""

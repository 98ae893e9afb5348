"""The little JavaScript that the page needs, all of it: nothing is fetched from anywhere."""

__all__ = ["ASKED_BY_LINK", "PRESSING", "READING", "TALKING", "THEME", "saving"]

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
  else copy(button, `${location.origin}${location.pathname}?q=${encodeURIComponent(button.dataset.link)}`);
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.target.closest('[data-form]');
  if (form) trigger('select', {open: form.dataset.form, text: form.elements.text.value});
});
"""

# A new question is scrolled to; an answer that only changes its looks leaves the reader in place.
TALKING = (
    PRESSING
    + """
let shown = 0;
watch('value', () => {
  const turns = element.querySelectorAll('.turn');
  const last = turns[turns.length - 1];
  if (turns.length > 1 && (turns.length !== shown || last.querySelector('.waiting'))) {
    last.scrollIntoView({behavior: 'smooth', block: 'start'});
  }
  shown = turns.length;
});
"""
)

# New marks are scrolled to.
READING = (
    PRESSING
    + """
const panel = element.closest('.source');
if (panel) {  // it scrolls, also by keyboard
  panel.tabIndex = 0;
  panel.setAttribute('role', 'region');
  panel.setAttribute('aria-label', 'Article');
}
watch('value', () => {
  const mark = element.querySelector('mark.span, mark.quoted');
  if (panel) panel.scrollTop = 0;
  if (mark) mark.scrollIntoView({behavior: 'smooth', block: 'center'});
  else if (element.querySelector('.sheet')) element.scrollIntoView({behavior: 'smooth', block: 'start'});
});
"""
)

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
}
"""

# A link may hold a question: ?q=…
ASKED_BY_LINK = "(_, turns) => [new URLSearchParams(location.search).get('q') || '', turns]"


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

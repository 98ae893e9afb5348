"""The little JavaScript that the page needs, all of it: nothing is fetched from anywhere."""

__all__ = ["SHOW_LAST", "SHOW_MARK", "saving"]

# Buttons inside the HTML tell the server what to open; new marks are scrolled to.
_OPEN = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-open]');
  if (button) trigger('select', {open: button.dataset.open});
});
"""
SHOW_LAST = (
    _OPEN
    + """
watch('value', () => {
  const turns = element.querySelectorAll('.turn');
  if (turns.length > 1) turns[turns.length - 1].scrollIntoView({behavior: 'smooth', block: 'start'});
});
"""
)
SHOW_MARK = (
    _OPEN
    + """
watch('value', () => {
  const mark = element.querySelector('mark.span, mark.quoted');
  const panel = element.closest('.source');
  if (panel) panel.scrollTop = 0;
  if (mark) mark.scrollIntoView({behavior: 'smooth', block: 'center'});
  else if (element.querySelector('.sheet')) element.scrollIntoView({behavior: 'smooth', block: 'start'});
});
"""
)


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

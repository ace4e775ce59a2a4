/**
 * Filter, sorting and folding; without it the page is whole all the same. It has neither ampersand nor less-than sign, so that
 * the page stays well-formed XML, too.
 */
export const script = `
'use strict';
(() => {
  const tools = document.getElementById('tools');
  const groups = [...document.querySelectorAll('tbody[data-group]')];
  if (tools === null) return;
  tools.hidden = false;
  const texts = new Map();
  const textOf = group => {
    if (!texts.has(group)) texts.set(group, group.textContent.toLowerCase());
    return texts.get(group);
  };
  const shown = document.getElementById('shown');
  const filter = document.getElementById('filter');
  const apply = () => {
    const words = filter.value.toLowerCase().split(' ').filter(word => word !== '');
    let count = 0;
    for (const group of groups) {
      const text = words.length === 0 ? '' : textOf(group);
      group.hidden = !words.every(word => text.includes(word));
      if (!group.hidden) count++;
    }
    shown.textContent = words.length === 0 ? '' : count + ' of ' + groups.length;
  };
  let waiting;
  filter.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  });
  const fold = open => {
    for (const group of groups)
      if (!group.hidden) for (const details of group.querySelectorAll('details')) details.open = open;
  };
  document.getElementById('unfold').addEventListener('click', () => fold(true));
  document.getElementById('fold').addEventListener('click', () => fold(false));
  const keyOf = (group, column) => {
    const cell = group.rows[0].cells[column];
    return cell.dataset.key === undefined ? cell.textContent : Number(cell.dataset.key);
  };
  const order = (a, b) => {
    if (typeof a === 'number') return a - b;
    return a.localeCompare(b, 'en', { numeric: true });
  };
  for (const head of document.querySelectorAll('th[aria-sort]'))
    head.firstElementChild.addEventListener('click', () => {
      const table = head.closest('table');
      const down = head.getAttribute('aria-sort') === 'ascending';
      for (const other of table.querySelectorAll('th[aria-sort]')) other.setAttribute('aria-sort', 'none');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const keyed = [...table.tBodies].map(group => [keyOf(group, head.cellIndex), group]);
      keyed.sort((a, b) => (down ? order(b[0], a[0]) : order(a[0], b[0])));
      table.append(...keyed.map(pair => pair[1]));
    });
})();
`

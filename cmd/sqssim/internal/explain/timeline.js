// Draws the time line, and again at every change of what part of the run is shown.
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const drawing = document.getElementById('drawing');
  const overview = document.getElementById('overview');
  const tip = document.getElementById('tip');
  const gutter = 150, axis = 34, rowHeight = 18, markRow = 13, pad = 7, letter = 6;
  const colored = ['send', 'receive', 'delete', 'change', 'other'];
  const views = {focus: [data.from, data.to], life: around(data.life), run: [0, data.end]};
  let view = views.focus, name = 'focus';

  function around([from, to]) {
    const room = Math.max(0.2, (to - from) * 0.05);
    return [Math.max(0, Math.min(from, data.from) - room), Math.min(data.end, to + room)];
  }

  function element(parent, tag, attributes, text) {
    const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const key in attributes) e.setAttribute(key, attributes[key]);
    if (text !== undefined) e.textContent = text;
    parent.appendChild(e);
    return e;
  }

  function fit(text, width) {
    const most = Math.floor((width - 8) / letter);
    if (text.length <= most) return text;
    return most < 4 ? '' : text.slice(0, most - 1) + '…';
  }

  function hasMarkLabels(lane) { return lane.rows.some(r => (r.marks || []).some(m => m.label)); }

  function laneHeight(lane) {
    const rows = lane.rows.length * rowHeight + (hasMarkLabels(lane) ? markRow : 0);
    return Math.max(rows, lane.note ? 32 : 0) + pad * 2;
  }

  function draw() {
    const width = drawing.clientWidth, [from, to] = view;
    const x = t => gutter + (t - from) / (to - from) * (width - gutter);
    const height = axis + data.lanes.reduce((sum, lane) => sum + laneHeight(lane), 0);
    drawing.replaceChildren();
    const svg = element(drawing, 'svg', {height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'time line'});
    drawAxis(svg, x, width, height);
    let y = axis;
    for (const lane of data.lanes) {
      drawLane(svg, lane, x, y, width);
      y += laneHeight(lane);
    }
    if (data.broken >= from && data.broken <= to) {
      element(svg, 'line', {class: 'now', x1: x(data.broken), x2: x(data.broken), y1: axis - 8, y2: height});
    }
    drawOverview(width);
    for (const b of document.querySelectorAll('[data-view]')) b.classList.toggle('on', b.dataset.view === name);
  }

  function drawAxis(svg, x, width, height) {
    const [from, to] = view;
    let step = 1e-5;
    for (const factors = [2, 2.5, 2]; (width - gutter) * step / (to - from) < 80; factors.push(factors.shift())) step *= factors[0];
    const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) + 0.001)));
    for (const p of data.phases) {
      if (p.to < from || p.from > to) continue;
      const left = Math.max(gutter, x(p.from));
      element(svg, 'line', {class: 'rule', x1: left, x2: left, y1: 0, y2: 14});
      element(svg, 'text', {class: 'small', x: left + 4, y: 11}, fit('phase ' + p.label, Math.min(width, x(p.to)) - left));
    }
    for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
      if (x(t) < gutter) continue;
      element(svg, 'line', {class: 'grid', x1: x(t), x2: x(t), y1: axis - 6, y2: height});
      if (x(t) < width - 40) element(svg, 'text', {class: 'tick', x: x(t) + 3, y: axis - 8}, t.toFixed(digits) + ' s');
    }
  }

  function drawLane(svg, lane, x, y, width) {
    element(svg, 'line', {class: 'rule', x1: 0, x2: width, y1: y, y2: y});
    const clip = element(svg, 'svg', {x: 0, y, width, height: laneHeight(lane)});
    let top = pad + (hasMarkLabels(lane) ? markRow : 0);
    for (const row of lane.rows) {
      for (const bar of row.bars || []) drawBar(clip, bar, x, top, width);
      drawMarks(clip, row.marks || [], x, top, width);
      top += rowHeight;
    }
    element(clip, 'rect', {class: 'gutter', x: 0, y: 1, width: gutter - 4, height: laneHeight(lane) - 1});
    element(clip, 'text', {class: 'name', x: 10, y: pad + 13}, fit(lane.label, gutter));
    if (lane.note) element(clip, 'text', {class: 'small', x: 10, y: pad + 27}, lane.note);
  }

  function drawBar(svg, bar, x, y, width) {
    if (bar.to < view[0] || bar.from > view[1]) return;
    const left = Math.max(gutter - 6, x(bar.from)), right = Math.min(width + 6, x(bar.to));
    const size = Math.max(3, right - left);
    const rect = element(svg, 'rect', {class: 'bar ' + bar.class, x: left, y, width: size, height: rowHeight - 2, rx: 2});
    describe(rect, `${bar.from.toFixed(3)} s to ${bar.to.toFixed(3)} s\n${bar.title}`, bar.row);
    const kind = bar.class.split(' ');
    if (kind.includes('faint')) return;
    const visible = Math.max(left, gutter);
    const label = fit(bar.label, right - visible);
    const light = colored.includes(kind[0]) && !kind.includes('unknown');
    const text = element(svg, 'text', {x: visible + 4, y: y + 12, class: light ? 'on-dark' : ''}, label);
    text.style.pointerEvents = 'none';
  }

  function drawMarks(svg, marks, x, y, width) {
    let free = gutter;
    for (const [i, m] of marks.entries()) {
      const at = x(m.at);
      if (at < gutter || at > width) continue;
      const tick = m.class.startsWith('apply');
      const shape = tick
        ? element(svg, 'rect', {class: 'mark ' + m.class, x: at - 1, y: y - 2, width: 2.5, height: rowHeight + 2})
        : element(svg, 'path', {class: 'mark ' + m.class, d: `M${at - 5} ${y - 6}h10l-5 8z`});
      describe(shape, `${m.at.toFixed(3)} s\n${m.title}`, 0);
      if (!m.label) continue;
      const needed = m.label.length * letter + 4;
      const start = at + 8 + needed > width ? at - 8 - needed : at + 8;
      const next = marks.slice(i + 1).find(other => other.label);
      if (start < free || next && x(next.at) - 6 < start + needed) continue;
      element(svg, 'text', {class: 'small', x: start, y: y - 3}, m.label);
      free = start + needed;
    }
  }

  function describe(shape, text, row) {
    shape.addEventListener('mousemove', e => {
      tip.textContent = text;
      tip.hidden = false;
      tip.style.left = Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 8) + 'px';
      tip.style.top = Math.min(e.clientY + 14, innerHeight - tip.offsetHeight - 8) + 'px';
    });
    shape.addEventListener('mouseleave', () => { tip.hidden = true; highlight(0); });
    if (row) {
      shape.dataset.row = row;
      shape.addEventListener('mouseenter', () => highlight(row));
    }
  }

  function highlight(row) {
    for (const e of document.querySelectorAll('.hit')) e.classList.remove('hit');
    if (row) for (const e of document.querySelectorAll(`[data-row="${row}"]`)) e.classList.add('hit');
  }

  function drawOverview(width) {
    const height = 22, x = t => gutter + t / data.end * (width - gutter);
    overview.replaceChildren();
    const svg = element(overview, 'svg', {height, viewBox: `0 0 ${width} ${height}`});
    element(svg, 'text', {class: 'small', x: 10, y: 15}, 'whole run, ' + data.end.toFixed(1) + ' s');
    for (const p of data.phases) {
      element(svg, 'line', {class: 'rule', x1: x(p.from), x2: x(p.from), y1: 0, y2: height});
      element(svg, 'text', {class: 'small', x: x(p.from) + 3, y: 15}, fit(p.label, x(p.to) - x(p.from)));
    }
    for (const lane of data.lanes) {
      if (lane.kind !== 'node') continue;
      for (const m of lane.rows[0].marks || []) {
        if (m.label) element(svg, 'rect', {class: 'mark', x: x(m.at), y: 0, width: 1, height: 4});
      }
    }
    element(svg, 'line', {class: 'now', x1: x(data.broken), x2: x(data.broken), y1: 0, y2: height});
    element(svg, 'rect', {class: 'window', x: x(view[0]), y: 1, width: Math.max(3, x(view[1]) - x(view[0])), height: height - 2});
  }

  function show(from, to, as) {
    const span = Math.min(data.end, Math.max(0.001, to - from));
    const start = Math.max(0, Math.min(from, data.end - span));
    view = [start, start + span];
    name = as || '';
    draw();
  }

  function zoom(by, at) {
    const [from, to] = view, middle = at === undefined ? (from + to) / 2 : at;
    show(middle - (middle - from) * by, middle + (to - middle) * by);
  }

  function timeAt(e) {
    const box = drawing.getBoundingClientRect();
    return view[0] + (e.clientX - box.left - gutter) / (box.width - gutter) * (view[1] - view[0]);
  }

  for (const b of document.querySelectorAll('[data-view]')) b.onclick = () => show(...views[b.dataset.view], b.dataset.view);
  for (const b of document.querySelectorAll('[data-zoom]')) b.onclick = () => zoom(Number(b.dataset.zoom));
  drawing.ondblclick = e => zoom(0.5, timeAt(e));
  drawing.addEventListener('wheel', e => {
    if (!e.ctrlKey && !e.metaKey) return;
    e.preventDefault();
    zoom(e.deltaY > 0 ? 1.25 : 0.8, timeAt(e));
  }, {passive: false});
  drawing.onpointerdown = e => {
    const start = e.clientX, [from, to] = view, perPixel = (to - from) / (drawing.clientWidth - gutter);
    const move = m => show(from - (m.clientX - start) * perPixel, to - (m.clientX - start) * perPixel);
    const up = () => { removeEventListener('pointermove', move); removeEventListener('pointerup', up); };
    addEventListener('pointermove', move);
    addEventListener('pointerup', up);
  };
  overview.onpointerdown = e => {
    const box = overview.getBoundingClientRect(), span = view[1] - view[0];
    const at = (e.clientX - box.left - gutter) / (box.width - gutter) * data.end;
    show(at - span / 2, at + span / 2);
  };
  for (const row of document.querySelectorAll('tr[data-row]')) {
    row.onmouseenter = () => highlight(row.dataset.row);
    row.onmouseleave = () => highlight(0);
  }
  const frame = document.querySelector('iframe');
  if (frame) {
    const grow = () => { frame.style.height = Math.min(640, frame.contentDocument.body.scrollHeight + 20) + 'px'; };
    frame.addEventListener('load', grow);
    if (frame.contentDocument && frame.contentDocument.readyState === 'complete') grow();
  }
  for (const b of document.querySelectorAll('button.copy')) {
    b.onclick = () => navigator.clipboard.writeText(b.previousElementSibling.textContent).then(() => { b.textContent = 'copied'; });
  }
  addEventListener('resize', draw);
  draw();
})();

/** Runs inside a page, in the browser: puts the numbers of a figure's points onto it. Plain JavaScript, read as text. */
globalThis.drawPoints = ({ from, to, points, numbers, without }) => {
  const size = 28;
  const isRtl = getComputedStyle(document.documentElement).direction === "rtl";
  const inMain = document.querySelector("main");
  // What differs each time, or belongs to whoever looks at the page.
  const extras = [".incident, .follow, .latch, .trial", without].filter(Boolean).join(", ");
  for (const extra of document.querySelectorAll(extras)) extra.remove();
  if (numbers === "corner") document.body.style.paddingBlockStart = `${size}px`;
  else inMain.style.paddingInlineStart = `${size + 24}px`;
  const missing = [];
  const boxes = points.map((selector) => {
    const element = document.querySelector(selector);
    if (!element) missing.push(selector);
    return element?.getBoundingClientRect();
  });
  const first = document.querySelector(from);
  const last = document.querySelector(to);
  if (!first || !last) missing.push(first ? to : from);
  if (missing.length > 0) return { missing };

  let lowest = Number.NEGATIVE_INFINITY;
  boxes.forEach((box, index) => {
    const number = document.createElement("div");
    number.textContent = String(index + 1);
    const start = isRtl ? innerWidth - size - 10 : 10;
    const corner = isRtl ? box.right - size / 2 : box.left - size / 2;
    let y = numbers === "corner" ? box.top - size * 0.7 : box.top + Math.min(box.height, 48) / 2 - size / 2;
    if (numbers !== "corner") y = Math.max(y, lowest + 2);
    lowest = y + size;
    const x = numbers === "corner" ? Math.min(Math.max(corner, 2), innerWidth - size - 2) : start;
    Object.assign(number.style, {
      position: "absolute",
      zIndex: "9",
      left: `${x + scrollX}px`,
      top: `${y + scrollY}px`,
      width: `${size}px`,
      height: `${size}px`,
      borderRadius: "50%",
      background: "#1c2036",
      color: "#ffffff",
      font: "700 16px/28px system-ui, sans-serif",
      textAlign: "center",
      boxShadow: "0 0 0 2px #ffffff",
    });
    document.body.append(number);
  });
  const top = first.getBoundingClientRect().top + scrollY - 24;
  const bottom = last.getBoundingClientRect().bottom + scrollY + 16;
  return {
    missing,
    clip: { x: 0, y: Math.max(0, top), width: innerWidth, height: bottom - Math.max(0, top) },
    // What the picture says in words, but for numbers and times: when these change, it is drawn again.
    words: (numbers === "corner" ? first : inMain).innerText
      .replaceAll(/[\d:]+/g, "#")
      .replaceAll(/\s+/g, " "),
  };
};

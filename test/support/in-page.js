/** Runs inside a page, in the browser: says what is wrong with it. Plain JavaScript, read as text. */
globalThis.inPage ??= {
  /** All that is asked of every page, in one question. */
  look() {
    const { title, doctype, documentElement } = document;
    const html = `${new XMLSerializer().serializeToString(doctype)}${documentElement.outerHTML}`;
    return { title, html, isDark: inPage.isDark(), faults: inPage.structureFaults() };
  },

  structureFaults() {
    const faults = [];
    const count = (selector) => document.querySelectorAll(selector).length;
    if (count("h1") !== 1) faults.push(`${count("h1")} h1`);
    if (count("main") !== 1) faults.push(`${count("main")} main`);
    const { lang, dir } = document.documentElement;
    if (!/^[a-z]{2,3}/.test(lang)) faults.push(`lang is "${lang}"`);
    if (dir !== (/^(ar|he|fa|ur)\b/.test(lang) ? "rtl" : "ltr")) faults.push(`dir is "${dir}" for ${lang}`);
    if (document.title.trim() === "") faults.push("no title");
    const focusable = "a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex='0']";
    const [first, second] = document.querySelectorAll(focusable);
    if (!first?.matches("a.skip[href='#content']")) faults.push(`first is ${first?.outerHTML}`);
    const switcher = document.querySelector("form.languages button");
    if (switcher && second !== switcher) faults.push(`after the way past the header: ${second?.outerHTML}`);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of new Set(ids)) {
      if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`the id ${id} stands twice`);
    }
    // What is to be typed as it stands, such as {name} in a prepared answer, is none.
    const typed = [...document.querySelectorAll("main kbd")].map((element) => element.innerText);
    const shown = document.querySelector("main")?.innerText ?? "";
    const text = typed.reduce((rest, word) => rest.replace(word, ""), shown);
    if (/undefined|\[object |\bNaN\b|\{[a-z]+\}/.test(text)) faults.push(`a word was left open: ${text}`);
    return faults;
  },

  /** Names what is wider than the window. */
  widthFaults() {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return right > clientWidth + 1 || left < -1;
    });
    const names = wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 120));
    return [`${scrollWidth} px wide: ${names.join(" | ")}`];
  },

  isDark: () => matchMedia("(prefers-color-scheme: dark)").matches,

  focused() {
    const element = document.activeElement;
    return element?.id ? `#${element.id}` : (element?.textContent ?? "").trim();
  },
};

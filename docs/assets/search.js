/*
 * The search box in the header: Material's place and look, the combobox pattern, no markup from data.
 *
 * This is all that a page loads. When the reader first turns to the box it fetches, as classic
 * scripts so that a page opened from a folder works too, the ranking (search-engine.js), MiniSearch
 * and the names; then the definitions; and after a pause what search-text.js asks for.
 */
(function () {
  "use strict";

  const SEARCH_LIMIT = 12;
  const ANNOUNCE_AFTER = 400; // ms; a screen reader need not hear every key
  const PAUSE = 250; // ms; the full text is searched when the reader stops typing

  /** Makes an element. `children` are nodes and strings; nothing is ever parsed as HTML. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  const filled = (template, values) =>
    template.replace(/\{(\w+)\}/g, (placeholder, key) => values[key] ?? placeholder);

  function loadScript(src) {
    return new Promise((resolve, reject) => {
      const script = make("script", { src });
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => {
        script.remove();
        reject(new Error(`cannot load ${src}`));
      });
      document.head.append(script);
    });
  }

  /** What a file of the search's data sets; `base` is the folder of them. */
  async function loadData(base, name) {
    await loadScript(`${base}${name}.js`);
    return window.glossarySearch[name];
  }

  class SearchBox {
    constructor(root) {
      const part = (name) => root.querySelector(`.glossary-search__${name}`);
      this.root = root;
      this.text = JSON.parse(root.dataset.text);
      this.opener = part("open");
      this.input = part("input");
      this.list = part("list");
      this.status = part("status");
      this.live = part("live");
      this.none = part("none");
      this.inner = part("inner");
      this.hits = [];
      this.options = [];
      this.active = -1;

      root.addEventListener("focusout", (event) => {
        // Focus goes nowhere when a button is pressed in Safari: the overlay closes then.
        if (event.relatedTarget && !root.contains(event.relatedTarget)) this.close();
      });
      this.input.addEventListener("focus", () => this.open());
      this.input.addEventListener("input", () => this.update());
      this.input.addEventListener("keydown", (event) => this.onKey(event));
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.opener.addEventListener("click", () => this.focus());
      part("overlay").addEventListener("click", () => this.close());
      part("close").addEventListener("click", () => this.close());
      part("form").addEventListener("submit", (event) => event.preventDefault());
      part("form").addEventListener("reset", () => {
        this.input.focus();
        queueMicrotask(() => this.update());
      });
      document.addEventListener("keydown", (event) => this.onShortcut(event));
      window.visualViewport?.addEventListener("resize", () => this.fit());
      window.visualViewport?.addEventListener("scroll", () => this.fit());
      const asked = new URLSearchParams(location.search).get("q");
      if (asked) {
        this.input.value = asked;
        this.focus();
      }
    }

    // ---- open and close

    focus() {
      const { activeElement } = document;
      if (!this.root.contains(activeElement)) this.before = activeElement;
      this.root.dataset.open = ""; // what is hidden cannot take the focus
      this.input.focus();
    }

    open() {
      this.root.dataset.open = "";
      this.fit();
      this.load();
      this.update();
    }

    /** Closes the box; focus goes back to where it came from. */
    close() {
      const had = this.root.contains(document.activeElement);
      delete this.root.dataset.open;
      this.input.setAttribute("aria-expanded", "false");
      this.entering = false;
      clearTimeout(this.pausing);
      this.remember("");
      // On a phone the button is what is left of the box; on a desktop it is not shown.
      if (had) this.opener.focus();
      if (had && this.before?.isConnected && this.before !== document.body) this.before.focus();
      this.before = null;
      this.input.blur();
    }

    /** On a phone, keeps the results above the keyboard. */
    fit() {
      const view = window.visualViewport;
      if (!view || this.root.dataset.open === undefined) return;
      this.inner.style.setProperty("--search-top", `${Math.max(0, view.offsetTop)}px`);
      this.inner.style.setProperty("--search-height", `${view.height}px`);
    }

    /** Puts what was typed into the address, so that a search can be linked and gone back to. */
    remember(typed) {
      const address = new URL(location.href);
      if ((address.searchParams.get("q") ?? "") === typed) return;
      if (typed) address.searchParams.set("q", typed);
      else address.searchParams.delete("q");
      try {
        history.replaceState(history.state, "", address);
      } catch {
        // A page opened from a folder keeps its address.
      }
    }

    onShortcut(event) {
      const { target } = event;
      const typing =
        target instanceof Element &&
        target !== this.input &&
        target.closest("input, textarea, select, [contenteditable]:not([contenteditable=false])");
      const modified = event.ctrlKey || event.metaKey;
      const chord = event.key.toLowerCase() === "k" && modified && !event.altKey;
      const slash = event.key === "/" && !modified && !event.altKey && target !== this.input;
      if (typing || event.isComposing || !(chord || slash)) return;
      event.preventDefault();
      this.focus();
      this.input.select();
    }

    // ---- data

    /**
     * Fetches the scripts and the names once, so that names can be found, and then the definitions.
     * After a failure the next focus tries again.
     */
    load() {
      const { data, scripts } = this.root.dataset;
      if (this.loading) return;
      const definitions = loadData(data, "definitions");
      definitions.catch(() => {}); // reported below
      const names = loadData(data, "names");
      this.loading = Promise.all([names, ...scripts.split(" ").map(loadScript)])
        .then(async ([index]) => {
          const { createEngine, text } = window.glossarySearchEngine;
          const engine = await createEngine(index, window.MiniSearch);
          const { createTextSearch } = window.glossaryTextSearch;
          const load = (name) => loadData(name === "text" ? data : `${data}../`, name);
          this.searchText = createTextSearch(engine, text, load);
          this.engine = engine;
          this.update();
          await engine.define(await definitions);
          this.update();
        })
        .catch(() => {
          this.loading = undefined;
          if (!this.engine) this.say(this.text.error);
        });
    }

    address(document_, anchor) {
      const address = new URL(document_.url, new URL(this.root.dataset.base, location.href));
      // In the folder to take along no server turns a directory into its page.
      if (address.protocol === "file:" && address.pathname.endsWith("/")) {
        address.pathname += "index.html";
      }
      if (anchor) address.hash = anchor;
      return address.href;
    }

    // ---- results

    update() {
      const typed = this.input.value.trim();
      const chosen = this.options[this.active]?.href;
      this.none.replaceChildren();
      clearTimeout(this.pausing);
      if (!typed || !this.engine) {
        this.show([]);
        this.say(typed ? this.text.loading : this.text.hint);
        if (!typed && this.root.dataset.open !== undefined) this.remember("");
        return;
      }
      this.hits = this.engine.search(typed, SEARCH_LIMIT);
      this.show(this.hits.map((hit, i) => this.option(hit, i, typed)));
      // Definitions arrive after the names and may reorder the list under the reader's choice.
      const again = this.typed === typed && chosen !== undefined;
      this.activate(again ? this.options.findIndex((option) => option.href === chosen) : -1);
      this.typed = typed;
      this.say(this.hits.length ? this.counted(this.hits.length, "one", "many") : this.text.loading);
      this.pausing = setTimeout(() => this.updateText(typed), PAUSE);
      if (this.entering) this.enter();
    }

    /** Adds what the full text has, below the names; a slow answer to an old question is dropped. */
    async updateText(typed) {
      if (this.root.dataset.open !== undefined) this.remember(typed);
      const pages = await this.searchText(typed).catch(() => []);
      if (this.typed !== typed || this.input.value.trim() !== typed) return;
      const named = new Set(this.hits.map((hit) => this.address(hit.document)));
      const found = pages
        .map((page) => ({
          ...page,
          // A section that explains a lesser concept may be among the names already.
          sections: page.sections.filter(
            ({ anchor }) => !anchor || !named.has(this.address(page.document, anchor)),
          ),
        }))
        .filter((page) => page.sections.length);
      this.showText(found);
      const passages = found.reduce((sum, page) => sum + page.sections.length, 0);
      const parts = [
        this.hits.length && this.counted(this.hits.length, "one", "many"),
        passages && this.counted(passages, "passage", "passages"),
      ].filter(Boolean);
      this.say(parts.join(this.text.join) || this.text.none);
      this.showNone(typed);
    }

    counted(count, one, many) {
      return filled(this.text[count === 1 ? one : many], { count });
    }

    show(options) {
      this.active = -1;
      this.options = options;
      this.list.replaceChildren(...options);
      this.list.hidden = options.length === 0;
      this.input.setAttribute("aria-expanded", String(options.length > 0));
      this.input.removeAttribute("aria-activedescendant");
    }

    /** Appends the passages, a group for each page; what is there already stays as it is. */
    showText(pages) {
      if (!pages.length) return;
      const heading = make("p", { class: "glossary-search__heading", role: "presentation" });
      heading.append(this.text.in_text);
      this.list.append(heading);
      for (const { document: found, sections } of pages) {
        const group = make("div", { role: "group", "aria-label": found.name });
        group.append(make("p", { class: "glossary-search__page", role: "presentation" }, found.name));
        for (const { anchor, heading: title, excerpt } of sections) {
          const option = this.link(this.address(found, anchor), this.options.length);
          option.classList.add("glossary-search__hit--passage");
          option.append(
            make("span", { class: "glossary-search__section" }, title || found.name),
            make("span", { class: "glossary-search__excerpt" }, ...this.pieces(excerpt)),
          );
          this.options.push(option);
          group.append(option);
        }
        this.list.append(group);
      }
      this.list.hidden = false;
      this.input.setAttribute("aria-expanded", "true");
    }

    link(href, i) {
      return make("a", {
        class: "glossary-search__hit",
        role: "option",
        id: `glossary-search-hit-${i}`,
        href,
        tabindex: "-1",
        "aria-selected": "false",
      });
    }

    pieces(split) {
      return split.map(([piece, isMarked]) => (isMarked ? make("mark", {}, piece) : piece));
    }

    option(hit, i, typed) {
      const { document: found } = hit;
      const marked = (text) => this.pieces(this.engine.mark(text, typed));
      const line = (name, ...children) =>
        make("span", { class: `glossary-search__${name}` }, ...children);
      const option = this.link(this.address(found), i);
      option.append(line("name", ...marked(found.name)), line("category", found.category));
      const reason = this.reason(hit);
      if (reason) option.append(line("why", ...reason));
      if (found.definition) option.append(line("definition", ...marked(found.definition)));
      return option;
    }

    /** Why a hit is one, unless its own name says so. */
    reason({ why, name, document: found }) {
      if (!name || name.text === found.name && why === "preferred") return null;
      const label = {
        preferred: this.text[`name_${name.language}`],
        abbreviation: this.text.abbreviation,
        admitted: this.text.admitted,
        rejected: filled(this.text.rejected, { name: found.name }),
        pinyin: this.text.pinyin,
        zhuyin: this.text.zhuyin,
        similar: this.text.similar,
      }[why];
      const explained = name.reason && why === "rejected" ? this.text.because + name.reason : "";
      return [make("strong", {}, name.text), ` — ${label}${explained}`];
    }

    /** No name like this one: the nearest names, and where to suggest the term. */
    showNone(typed) {
      const isFound = this.hits.some(({ tier }) => tier !== "text" && tier !== "part");
      if (isFound) return;
      const nearest = this.hits.length ? [] : this.engine.nearest(typed);
      if (nearest.length) {
        const links = nearest.map((found) =>
          make("li", {}, make("a", { href: this.address(found) }, found.name)),
        );
        this.none.append(make("p", {}, this.text.nearest), make("ul", {}, ...links));
      }
      const { suggest } = this.root.dataset;
      if (suggest) {
        const href = suggest.replaceAll("{query}", encodeURIComponent(typed));
        const link = make("a", { href }, filled(this.text.suggest, { query: typed }));
        this.none.append(make("p", {}, link));
      }
    }

    /** Shows `message` at once, and has it read aloud when the typing pauses. */
    say(message) {
      this.status.textContent = message;
      clearTimeout(this.announcing);
      this.announcing = setTimeout(() => {
        this.live.textContent = this.root.dataset.open === undefined ? "" : message;
      }, ANNOUNCE_AFTER);
    }

    // ---- keyboard

    onKey(event) {
      // While an input method composes, these keys choose characters; in Safari the Enter that
      // ends the composition comes after it, with this code.
      if (event.isComposing || event.keyCode === 229) return;
      const last = this.options.length - 1;
      const moves = {
        ArrowDown: () => this.activate(this.active >= last ? 0 : this.active + 1),
        ArrowUp: () => this.activate(this.active <= 0 ? last : this.active - 1),
        Enter: () => this.enter(),
        Escape: () => this.close(),
      };
      const move = moves[event.key];
      if (!move || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      move();
    }

    activate(i) {
      const { options } = this;
      options[this.active]?.setAttribute("aria-selected", "false");
      this.active = i in options ? i : -1;
      const option = options[this.active];
      if (!option) {
        this.input.removeAttribute("aria-activedescendant");
        return;
      }
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    }

    /** Goes to the chosen hit or the first; before the index has arrived, as soon as it has. */
    enter() {
      this.entering = !this.engine && this.input.value.trim() !== "";
      const option = this.options[Math.max(this.active, 0)];
      if (!option) return;
      const typed = this.input.value.trim();
      this.close();
      this.remember(typed); // for going back
      option.click();
    }
  }

  const root = document.querySelector(".glossary-search");
  if (root) new SearchBox(root);
})();

/* Small conveniences. Everything here works without it, if less comfortably. */
(() => {
  "use strict";

  /* Light and dark: the choice is kept; without one, the system's is followed. */
  const themeSwitch = document.querySelector(".theme-switch");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };
  const show = (scheme) => {
    document.body.dataset.mdColorScheme = scheme;
  };
  if (themeSwitch) {
    themeSwitch.addEventListener("click", () => {
      const scheme = document.body.dataset.mdColorScheme === "slate" ? "default" : "slate";
      show(scheme);
      try {
        localStorage.setItem("theme", scheme);
      } catch {
        /* Storage may be forbidden; the choice then lasts for this page. */
      }
    });
  }
  dark.addEventListener("change", () => {
    if (!stored()) show(dark.matches ? "slate" : "default");
  });

  /* The home page's door into the search. */
  const homeSearch = document.querySelector(".home-search");
  if (homeSearch) {
    homeSearch.addEventListener("click", () => {
      const open = document.querySelector(".glossary-search__open");
      if (open.offsetParent) open.click();
      else document.querySelector(".glossary-search__input").focus();
    });
  }

  /* The table of contents marks the section being read. */
  const contents = new Map(
    [...document.querySelectorAll(".md-sidebar--secondary a[href^='#']")].map((link) => [
      decodeURIComponent(link.hash.slice(1)),
      link,
    ]),
  );
  /* An observer is told where headings are; to ask would have the page laid out at once. */
  const TOP = 120;
  const passed = new Map();
  const reading = new IntersectionObserver(
    (entries) => {
      entries.forEach((entry) => passed.set(entry.target.id, entry.intersectionRatio < 1));
      const current = [...contents.keys()].filter((id) => passed.get(id)).pop();
      contents.forEach((link, id) => {
        if (id === current) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      });
    },
    { rootMargin: `-${TOP}px 0px 1000000px 0px`, threshold: [0, 1] },
  );
  contents.forEach((_, id) => {
    const heading = document.getElementById(id);
    if (heading) reading.observe(heading);
  });

  /* What scrolls sideways can be scrolled by keyboard. */
  const measured = new ResizeObserver((entries) => {
    entries.forEach(({ target }) => {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    });
  });
  document
    .querySelectorAll("pre > code, .md-typeset table:not([class])")
    .forEach((box) => measured.observe(box));

  /* Code can be copied; of an interactive session, only what was typed. */
  const label = document.querySelector("[data-copy]")?.dataset.copy ?? "";
  document.querySelectorAll(".highlight pre > code").forEach((code) => {
    if (!navigator.clipboard) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = label;
    button.addEventListener("click", async () => {
      const lines = code.innerText.split("\n");
      const typed = lines.filter((line) => /^(>>>|\.\.\.)( |$)/.test(line));
      const text = typed.length ? typed.map((line) => line.slice(4)) : lines;
      await navigator.clipboard.writeText(text.join("\n"));
      button.classList.add("copy--done");
      setTimeout(() => button.classList.remove("copy--done"), 1500);
    });
    code.closest(".highlight").append(button);
  });

  /* Tooltips: Escape dismisses; a first tap shows, a second follows; none leaves the window. */
  const terms = document.querySelectorAll("a.term[data-definition]");
  const close = (except) => {
    document.querySelectorAll("a.term--open").forEach((term) => {
      if (term !== except) term.classList.remove("term--open");
    });
  };
  terms.forEach((term) => {
    const place = () => {
      term.classList.remove("term--dismissed");
      const left = term.getBoundingClientRect().left;
      term.classList.toggle("term--end", left > document.documentElement.clientWidth * 0.62);
    };
    term.addEventListener("pointerenter", place);
    term.addEventListener("focus", place);
    let touched = false;
    term.addEventListener("pointerdown", (event) => {
      touched = event.pointerType === "touch";
    });
    term.addEventListener("click", (event) => {
      if (!touched || term.classList.contains("term--open")) return;
      event.preventDefault();
      close(term);
      term.classList.remove("term--dismissed");
      term.classList.add("term--open");
    });
  });
  document.addEventListener("pointerdown", (event) => {
    close(event.target instanceof Element ? event.target.closest("a.term") : null);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close(null);
    document
      .querySelectorAll("a.term:hover, a.term:focus")
      .forEach((term) => term.classList.add("term--dismissed"));
  });

  /* The index: a text box on top of the choices that work through CSS, and a count. */
  const form = document.querySelector("[data-filter]");
  if (form) {
    const box = form.querySelector("input[type=search]");
    const status = form.querySelector("[role=status]");
    const entries = [...document.querySelectorAll(".entry")];
    const sections = [...document.querySelectorAll(".letter")];
    const update = () => {
      const words = box.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
      const level = form.elements.level.value;
      const category = form.elements.category.value;
      let count = 0;
      entries.forEach((entry) => {
        const shown =
          words.every((word) => entry.dataset.text.includes(word)) &&
          (!level || entry.dataset.level === level) &&
          (!category || entry.dataset.category === category);
        entry.hidden = !shown;
        count += shown;
      });
      sections.forEach((section) => {
        section.hidden = !section.querySelector(".entry:not([hidden])");
      });
      status.textContent = count
        ? form.dataset.count.replace("{count}", count)
        : form.dataset.none;
    };
    form.addEventListener("input", update);
    form.addEventListener("submit", (event) => event.preventDefault());
    update();
  }
})();

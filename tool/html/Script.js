// Search and keys. Without this script the page shows everything and its links work.
(function () {
  "use strict";
  const articles = Array.from(document.querySelectorAll("article"));
  const groups = Array.from(document.querySelectorAll("main > section"));
  const query = document.getElementById("query");
  const shown = document.getElementById("shown");
  const levels = Array.from(document.querySelectorAll("input[name=level]"));
  const haystacks = articles.map((a) => a.querySelector("header").textContent.toLowerCase());
  document.querySelector(".search").hidden = false;
  document.documentElement.classList.add("scripted");

  function filter() {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const on = new Set(levels.filter((l) => l.checked).map((l) => l.value));
    let count = 0;
    articles.forEach((a, i) => {
      const fits = on.has(a.dataset.level) && words.every((w) => haystacks[i].includes(w));
      a.hidden = !fits;
      count += fits;
    });
    groups.forEach((g) => { g.hidden = !g.querySelector("article:not([hidden])"); });
    shown.textContent = count === articles.length ? "" : count + " of " + articles.length + " shown";
  }

  function step(by) {
    const visible = articles.filter((a) => !a.hidden);
    const here = document.activeElement && document.activeElement.closest("article");
    const at = visible.indexOf(here);
    const next = visible[at < 0 ? (by > 0 ? 0 : visible.length - 1) : at + by];
    if (next) {
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "start" });
    }
  }

  query.addEventListener("input", filter);
  levels.forEach((l) => l.addEventListener("change", filter));
  // A link to a finding that the search hides shows all again.
  window.addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) {
      query.value = "";
      levels.forEach((l) => { l.checked = true; });
      filter();
      target.scrollIntoView();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey)
      return;
    const typing = document.activeElement === query;
    if (event.key === "Escape") {
      query.value = "";
      query.blur();
      filter();
    } else if (!typing && event.key === "/") {
      event.preventDefault();
      query.focus();
    } else if (!typing && event.key === "j") {
      step(1);
    } else if (!typing && event.key === "k") {
      step(-1);
    }
  });
  // The search is part of the address, so that a link can carry it: report.html?q=leaked
  const given = new URLSearchParams(location.search).get("q");
  if (given)
    query.value = given;
  filter();
})();

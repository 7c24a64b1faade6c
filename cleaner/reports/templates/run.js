"use strict";
(function () {
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const by = (id) => document.getElementById(id);
  const fold = (text) => text.toLowerCase().replace(/\s+/g, " ");
  const records = all("#gallery > .record");
  const texts = new Map(records.map((record) => [record, fold(record.textContent + " " + record.dataset.rules)]));
  const shown = () => records.filter((record) => !record.hidden);
  let current = -1;

  all("#tools, #ruletools, button[data-show]").forEach((element) => { element.hidden = false; });

  function filter() {
    const query = fold(by("query").value);
    const family = by("family").value;
    records.forEach((record) => {
      const text = texts.get(record);
      const ofFamily = !family || record.dataset.rules.split(" ").some((rule) => rule.startsWith(family + "/"));
      record.hidden = !ofFamily || !text.includes(query);
    });
    current = -1;
    by("count").textContent = shown().length + " of " + records.length + " records";
  }

  function filterRules() {
    const query = fold(by("rulequery").value);
    let count = 0;
    all("#ruletable > tbody").forEach((body) => {
      const rows = all("tr[data-rule]", body);
      rows.forEach((row) => { row.hidden = !fold(row.textContent).includes(query); });
      const left = rows.filter((row) => !row.hidden).length;
      body.hidden = !left;
      count += left;
    });
    by("rulecount").textContent = count + " rules";
  }

  function explain(element) {
    by("why").textContent = element ? element.dataset.rule + ": " + element.dataset.why : "";
  }

  function goTo(index) {
    const list = shown();
    if (!list.length) return;
    current = Math.max(0, Math.min(index, list.length - 1));
    list[current].open = true;
    const summary = list[current].querySelector("summary");
    summary.focus();
    summary.scrollIntoView({ block: "start" });
  }

  function goToCut(step) {
    const focused = document.activeElement;
    const inside = focused && focused.closest ? focused.closest(".record") : null;
    const root = inside || shown()[Math.max(current, 0)];
    if (!root) return;
    root.open = true;
    const cuts = all("del", root);
    const at = cuts.indexOf(focused);
    const next = cuts[at < 0 ? (step > 0 ? 0 : cuts.length - 1) : at + step];
    if (next) { next.focus(); next.scrollIntoView({ block: "center" }); }
  }

  by("query").addEventListener("input", filter);
  by("family").addEventListener("change", filter);
  if (by("rulequery")) by("rulequery").addEventListener("input", filterRules);
  all("input[name=view]").forEach((radio) => radio.addEventListener("change", () => { document.body.className = radio.value; }));
  all("button[data-show]").forEach((button) => button.addEventListener("click", () => {
    by("query").value = button.dataset.show;
    by("family").value = "";
    filter();
    goTo(0);
  }));
  const cutOf = (event) => (event.target.closest ? event.target.closest("del[data-rule]") : null);
  document.addEventListener("focusin", (event) => explain(cutOf(event)));
  document.addEventListener("mouseover", (event) => {
    const focused = document.activeElement;
    explain(cutOf(event) || (focused && focused.matches("del[data-rule]") ? focused : null));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { explain(null); if (event.target.type === "search") { event.target.value = ""; event.target.dispatchEvent(new Event("input")); } return; }
    if (event.ctrlKey || event.metaKey || event.altKey || !by("keys").checked) return;
    if (event.target.matches("input[type=search], select, textarea")) return;
    const actions = { j: () => goTo(current + 1), k: () => goTo(current - 1), n: () => goToCut(1), p: () => goToCut(-1), "/": () => by("query").focus() };
    if (actions[event.key]) { event.preventDefault(); actions[event.key](); }
  });
  filter();
})();

"use strict";
(function () {
  const by = (id) => document.getElementById(id);
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const DANGEROUS = { h: "host", e: "everywhere", s: "line" };
  const SHORT = 300, LONG = 4000;
  let version = 0, page = [], starts = [""], next = "", current = null, job = 0, asked = "", listing = 0, showing = 0, place = null;

  function make(tag, properties, text) {
    const element = document.createElement(tag);
    Object.entries(properties || {}).forEach(([name, value]) => {
      if (name === "class") element.className = value;
      else if (name.startsWith("data-") || name === "tabindex" || name.startsWith("aria-")) element.setAttribute(name, value);
      else element[name] = value;
    });
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function say(text, kind) {
    by("why").textContent = text;
    by("why").className = kind || "";
  }

  async function call(path, body) {
    const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
    let answer;
    try {
      answer = await fetch("api/" + path, { cache: "no-store", ...options });
    } catch {
      throw new Error("the review has ended: start `copydesk review` again");
    }
    const content = await answer.json().catch(() => ({ error: "the review does not answer" }));
    if (content.error) throw new Error(content.error);
    return content;
  }

  const tell = (error) => say(error.message, "bad");
  const guarded = (work) => (...words) => work(...words).catch(tell);

  // The list of records.

  function filters() {
    const values = { rule: by("rule").value, host: by("host").value.trim(), query: by("query").value.trim() };
    if (by("changed").checked) values.changed = "yes";
    return values;
  }

  async function list(openFirst) {
    const number = ++listing;
    const chosen = filters();
    let start = starts[starts.length - 1];
    page = [];
    next = "";
    showList("…");
    if (starts.length === 1 && chosen.query) {
      const found = await call("find?" + new URLSearchParams({ id: chosen.query }));
      if (number !== listing) return;
      if (found.refs.length) {
        const answer = await Promise.all(found.refs.slice(0, 40).map((ref) => call("records?" + new URLSearchParams({ start: ref }))));
        if (number !== listing) return;
        page = answer.map((one) => one.records[0]);
        showList(page.length + " with this id");
        if (openFirst) await open(page[0].ref);
        return;
      }
    }
    let answer;
    do {
      answer = await call("records?" + new URLSearchParams({ ...chosen, start }));
      if (number !== listing) return;
      page = page.concat(answer.records);
      start = next = answer.next;
      const total = answer.total === null ? "" : " of " + answer.total.toLocaleString("en");
      showList(answer.looked_at === null ? "" : "up to " + answer.looked_at.toLocaleString("en") + total);
    } while (next && page.length < 40);
    if (!page.length) {
      current = null;
      by("text").replaceChildren();
      by("record-title").textContent = "No record fits";
      by("record-facts").textContent = "";
    } else if (openFirst) await open(page[openFirst === "last" ? page.length - 1 : 0].ref);
  }

  function showList(count) {
    by("count").textContent = count;
    const rows = page.map((record) => {
      const row = make("li");
      const button = make("button", { type: "button", "data-ref": record.ref });
      if (current && current.ref === record.ref) button.setAttribute("aria-current", "true");
      button.append(make("span", { dir: "auto" }, record.headline));
      const changes = record.cuts === 1 ? "1 change" : record.cuts + " changes";
      button.append(make("span", { class: "soft" }, [record.host, record.cuts ? changes : "unchanged"].filter(Boolean).join(" · ")));
      button.addEventListener("click", guarded(() => open(record.ref)));
      row.append(button);
      return row;
    });
    by("records").replaceChildren(...(rows.length ? rows : [make("li", { class: "none" }, count === "…" ? "Looking …" : "None.")]));
    by("earlier").disabled = starts.length < 2;
    by("later").disabled = !next;
  }

  async function turn(forward) {
    if (forward ? !next : starts.length < 2) return false;
    if (forward) starts.push(next);
    else starts.pop();
    await list(forward ? "first" : "last");
    return true;
  }

  // The record.

  async function open(ref, keepPlace) {
    const number = ++showing;
    const record = await call("record?" + new URLSearchParams({ ref }));
    if (number !== showing) return;
    const before = keepPlace ? items().indexOf(place) : -1;
    current = record;
    version = record.version;
    asked = "";
    show(record);
    all("#records button").forEach((button) => {
      const own = button.dataset.ref === ref;
      if (own) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      if (own) button.scrollIntoView({ block: "nearest" });
    });
    const list = items();
    if (before >= 0 && list.length) goTo(list[Math.min(before, list.length - 1)]);
    else { choose(null); say(""); if (!keepPlace) window.scrollTo({ top: 0 }); }
  }

  function show(record) {
    by("record-title").textContent = record.headline || record.id;
    const lost = record.before.toLocaleString("en") + " → " + record.after.toLocaleString("en") + " characters";
    by("record-facts").textContent = ["id " + record.id, record.place, record.host, record.language, record.form, lost].filter(Boolean).join(" · ");
    by("flags").replaceChildren(...record.flags.map((flag) => make("li", {}, flag)));
    by("title").hidden = !record.title.length;
    by("title").replaceChildren(make("span", { class: "soft" }, "headline: "), ...parts(record.title, false));
    by("text").lang = record.language;
    by("text").replaceChildren(...parts(record.parts, true));
  }

  function parts(list, selectable) {
    return list.flatMap((part) => {
      if (part.kind === "space") return [document.createTextNode(part.text)];
      if (part.kind === "gap") return [make("span", { class: "gap" }, "… " + part.characters.toLocaleString("en") + " characters …")];
      if (part.kind === "line") {
        if (!selectable) return [document.createTextNode(part.text)];
        return [make("span", { class: "line", tabindex: "-1", "data-line": part.line, "data-item": "line" }, part.text)];
      }
      const kind = (part.kind === "repair" ? "repair" : "") + (part.accepted ? " accepted" : "");
      const [head, words, tail] = part.text.match(/^(\s*)([^]*?)(\s*)$/).slice(1);
      const cut = make("del", { class: kind.trim(), tabindex: "-1", "data-edit": part.edit, "data-item": "cut", "data-rule": part.rule, "data-why": part.why }, words);
      if (part.accepted) cut.setAttribute("aria-label", words + " (accepted)");
      const after = part.after ? [make("ins", { class: part.after.trim() ? "" : "space" }, part.after)] : [];
      return [document.createTextNode(head), cut, document.createTextNode(tail), ...after];
    });
  }

  const items = () => all("[data-item]", by("record"));
  const kindOf = (element) => (element && element.dataset ? element.dataset.item : "");

  function choose(element) {
    place = element;
    asked = "";
    all("button[data-needs]").forEach((button) => { button.disabled = button.dataset.needs !== kindOf(element); });
  }

  function goTo(element) {
    if (!element) return;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "center" });
  }

  function step(selector, by_) {
    const list = items().filter((one) => !selector || one.dataset.item === selector);
    if (!list.length) return;
    let at = list.indexOf(place);
    if (at < 0 && place && place.isConnected) {
      const following = list.findIndex((one) => place.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
      at = following < 0 ? list.length : following;
      if (by_ > 0) at -= 1;
    } else if (at < 0 && by_ < 0) at = list.length;
    goTo(list[at + by_]);
  }

  async function turnRecord(by_) {
    const at = page.findIndex((record) => current && record.ref === current.ref) + by_;
    if (at >= 0 && at < page.length) await open(page[at].ref);
    else if (!(await turn(by_ > 0))) say(by_ > 0 ? "This is the last record." : "This is the first record.");
  }

  // Decisions.

  async function accept(everything) {
    if (!current || (!everything && kindOf(place) !== "cut")) return say("Go to a cut first: n", "bad");
    const edits = everything ? [] : [Number(place.dataset.edit)];
    const answer = await call("accept", { ref: current.ref, version, edits });
    await open(current.ref, true);
    if (!everything) step("cut", 1);
    say(answer.message, "good");
    await refresh();
  }

  async function undo(key, scope) {
    if (kindOf(place) !== "cut") return say("Go to a cut first: n", "bad");
    const rule = place.dataset.rule;
    if (DANGEROUS[key] && asked !== key) {
      asked = key;
      const where = { host: "on " + (current.host || "this host"), everywhere: "in all records", line: "in all records: only these lines" }[scope];
      return say("Press " + key + " once more to take " + rule + " back " + where + ".");
    }
    asked = "";
    const answer = await call("undo", { ref: current.ref, version, edit: Number(place.dataset.edit), scope });
    say("Taking back …");
    const ended = await wait(answer.job);
    await open(current.ref, true);
    await list();
    say(ended.message, "good");
  }

  async function wait(number, report) {
    for (;;) {
      const state = await refresh();
      const own = state.job;
      if (!own || own.number !== number) throw new Error("another job has taken its place");
      if (own.state === "failed") throw new Error(own.message);
      if (own.state === "done") return own;
      if (report) report(own);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }

  async function refresh() {
    const state = await call("state");
    const notices = [state.notice, ...state.warnings].filter(Boolean);
    by("notices").hidden = !notices.length;
    by("notices").replaceChildren(...notices.map((text) => make("li", { class: "warning" }, text)));
    place_facts(state);
    const working = state.job && state.job.state === "running";
    if (current && state.version !== version && !working) {
      version = state.version;
      await open(current.ref, true);
    }
    return state;
  }

  let facts = {};
  function place_facts(state) {
    const total = facts.total === null || facts.total === undefined ? "" : facts.total.toLocaleString("en") + " records · ";
    by("facts").textContent = total + state.decisions + " taken back · " + state.accepted + " accepted";
  }

  // A rule of a junk line.

  let drafting = null;

  async function draft() {
    if (kindOf(place) !== "line") return say("Go to a kept line first: ↓", "bad");
    const body = { ref: current.ref, version, line: Number(place.dataset.line) };
    by("draft-title").textContent = "A rule for “" + place.textContent.trim().slice(0, 120) + "”";
    await makeDraft("draft", body, "Looking for such lines in the records …");
  }

  async function makeDraft(path, body, what) {
    drafting = null;
    by("draft-body").hidden = true;
    by("draft-save").disabled = true;
    by("draft-state").className = "";
    by("draft-state").textContent = what;
    if (!by("draft").open) by("draft").showModal();
    try {
      const answer = await call(path, body);
      const ended = await wait(answer.job, (one) => { by("draft-state").textContent = what + " " + one.message; });
      showDraft(ended.result);
    } catch (error) {
      by("draft-state").textContent = error.message;
      by("draft-state").className = "bad";
    }
  }

  function showDraft(result) {
    drafting = result;
    by("draft-state").textContent = "";
    by("draft-body").hidden = false;
    by("draft-tests").textContent = (result.success ? "Tested: " : "Not sound: ") + result.tests + ".";
    by("draft-tests").className = result.success ? "good" : "bad";
    by("draft-failures").replaceChildren(...result.failures.map((text) => make("li", {}, text)));
    by("draft-count").textContent = "It would cut " + result.lines.toLocaleString("en") + (result.lines === 1 ? " line" : " lines") + " in " + result.records.toLocaleString("en") + (result.records === 1 ? " record." : " records.");
    by("draft-looked").textContent = result.looked_at + ".";
    by("draft-places").replaceChildren(...result.places.map(showPlace));
    by("draft-rule").textContent = result.text;
    by("draft-general").disabled = !result.wider && !result.general;
    by("draft-general").setAttribute("aria-pressed", String(result.general));
    by("draft-host").disabled = !current.host;
    by("draft-host").setAttribute("aria-pressed", String(Boolean(result.host)));
    by("draft-save").disabled = !result.success;
    (result.success ? by("draft-save") : by("draft-close")).focus();
  }

  function showPlace(one) {
    const row = make("li", { dir: "auto" });
    const stays = make("button", { type: "button" }, "must stay");
    stays.addEventListener("click", guarded(() => change({ stays: one.cut })));
    row.append(make("span", { class: "soft" }, one.id + (one.before ? " · after: " + one.before.slice(-SHORT) : "")), make("del", {}, one.cut), document.createTextNode(" "), stays);
    return row;
  }

  async function change(values) {
    if (!drafting) return;
    const body = { ref: current.ref, general: drafting.general, on_host: Boolean(drafting.host), ...values };
    await makeDraft("change", body, "Testing …");
  }

  async function save() {
    if (!drafting || !drafting.success) return;
    const answer = await call("save", {});
    by("draft").close();
    goTo(place);
    say(answer.message, answer.saved ? "good" : "bad");
  }

  // Keys and buttons.

  const actions = {
    j: () => turnRecord(1), k: () => turnRecord(-1),
    n: async () => step("cut", 1), p: async () => step("cut", -1),
    ArrowDown: async () => step("", 1), ArrowUp: async () => step("", -1),
    a: () => accept(false), A: () => accept(true),
    u: () => undo("u", "cut"), r: () => undo("r", "record"), h: () => undo("h", "host"), e: () => undo("e", "everywhere"), s: () => undo("s", "line"),
    x: draft,
    "/": async () => by("query").focus(), "?": async () => by("help").showModal(),
  };
  const draftActions = {
    g: () => change({ general: !drafting.general }), h: () => change({ on_host: !drafting.host }),
  };
  let working = false;

  async function act(table, key) {
    if (working) return;
    working = true;
    try { await table[key](); } catch (error) { tell(error); } finally { working = false; }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !by("keys").checked) return;
    if (by("help").open) return;
    if (by("draft").open) {
      const button = { g: by("draft-general"), h: by("draft-host") }[event.key];
      if (button && drafting && !button.disabled) { event.preventDefault(); act(draftActions, event.key); }
      return;
    }
    if (event.target.matches("input[type=search], select, textarea")) return;
    if (Object.hasOwn(actions, event.key)) { event.preventDefault(); act(actions, event.key); }
  });
  all("button[data-key]").forEach((button) => {
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => act(actions, button.dataset.key));
    if (button.dataset.key !== "?") button.append(" ", make("kbd", {}, button.dataset.key));
  });
  document.addEventListener("focusin", (event) => {
    const item = event.target.closest ? event.target.closest("[data-item]") : null;
    if (!item || item === place) return;
    choose(item);
    say(kindOf(item) === "cut" ? item.dataset.rule + ": " + item.dataset.why : "");
  });
  by("draft-save").addEventListener("click", guarded(save));
  by("draft-general").addEventListener("click", () => drafting && act(draftActions, "g"));
  by("draft-host").addEventListener("click", () => drafting && act(draftActions, "h"));
  by("draft-close").addEventListener("click", () => by("draft").close());
  by("help-close").addEventListener("click", () => by("help").close());
  by("draft").addEventListener("close", () => goTo(place));

  let typed = 0;
  const again = () => { starts = [""]; guarded(list)("first"); };
  by("filters").addEventListener("submit", (event) => { event.preventDefault(); document.activeElement.blur(); clearTimeout(typed); again(); });
  ["query", "host"].forEach((id) => by(id).addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(again, SHORT); }));
  ["rule", "changed"].forEach((id) => by(id).addEventListener("change", again));
  by("query").addEventListener("keydown", (event) => { if (event.key === "Escape") { by("query").value = ""; by("query").blur(); again(); } });
  by("earlier").addEventListener("click", guarded(() => turn(false)));
  by("later").addEventListener("click", guarded(() => turn(true)));

  guarded(async () => {
    facts = await call("overview");
    by("folder").textContent = facts.folder;
    by("decisions-file").textContent = facts.decisions_file;
    by("rule-file").textContent = facts.into;
    [...facts.families.map((name) => [name, name]), ...facts.rules.map((name) => [name, name])].forEach(([value, text]) => by("rule").append(make("option", { value }, text)));
    choose(null);
    await refresh();
    await list("first");
    setInterval(() => { if (!working && !document.hidden) refresh().catch(tell); }, LONG);
  })();
})();

// What pages do with JavaScript that they do plainer without it: nothing here is needed to finish a task.
// No dependencies, no inline code. Texts come from the page (data-text-...), in its language.
"use strict";

(() => {
  const KEYS_OFF = "idm-keys-off";

  /** Every element that `selector` finds in `root`, `root` itself too. */
  function all(root, selector) {
    const found = Array.from(root.querySelectorAll ? root.querySelectorAll(selector) : []);
    return root.matches && root.matches(selector) ? [root, ...found] : found;
  }

  /** Put what is in the page to work; called again for what htmx brings. */
  function wake(root) {
    all(root, "input[data-format=cpr]").forEach(wakeCpr);
    all(root, "input[type=file]").forEach(wakeFile);
    all(root, "form[data-upload]").forEach(wakeUpload);
    all(root, "[data-needs-script]").forEach((element) => { element.hidden = false; });
    // What happens by itself with htmx needs no button for it.
    if (window.htmx) all(root, "[data-without-script]").forEach((element) => { element.hidden = true; });
    all(root, "[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
    all(root, "[data-check-all]").forEach(wakeCheckAll);
    new Set(all(root, ".find").map((find) => find.closest("form"))).forEach(wakeForm);
  }

  // Enter presses a form's first button. Where that one finds somebody, only the field beside it means it; from there the arrow leads
  // down to those found, which Tab would pass by, as they are of one group with those above.
  function wakeForm(form) {
    if (!form || form.dataset.woken) return;
    form.dataset.woken = "yes";
    form.addEventListener("keydown", (event) => {
      const find = event.target.tagName === "INPUT" && event.target.closest(".find");
      const found = event.key === "ArrowDown" && find && find.parentElement.querySelector(".found input[type=radio]");
      if (found) {
        event.preventDefault();
        found.focus();
      }
      if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
      const button = (find || form).querySelector(find ? "button" : "button.button-primary");
      if (!button) return;
      event.preventDefault();
      form.requestSubmit(button);
    });
  }

  // A CPR number gets its hyphen as it is typed or pasted; a hyphen or blank that was typed is taken for it.
  function wakeCpr(input) {
    input.addEventListener("input", () => {
      const atEnd = input.selectionStart === input.value.length;
      const digits = input.value.replace(/\D/g, "").slice(0, 10);
      const shown = digits.length > 6 ? `${digits.slice(0, 6)}-${digits.slice(6)}` : digits;
      if (shown !== input.value && (atEnd || /[^\d-]/.test(input.value))) input.value = shown;
    });
    input.addEventListener("blur", () => {
      const digits = input.value.replace(/\D/g, "");
      if (digits.length === 10) input.value = `${digits.slice(0, 6)}-${digits.slice(6)}`;
    });
  }

  /** A number of bytes for people. */
  function size(bytes) {
    const unit = bytes < 1e6 ? ["kB", 1e3] : ["MB", 1e6];
    const number = Math.max(bytes / unit[1], 0.1);
    return `${number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: number < 10 ? 1 : 0 })} ${unit[0]}`;
  }

  function textOf(input, key, fallback) {
    const field = input.closest(".field-file");
    return (field && field.getAttribute(`data-text-${key}`)) || fallback;
  }

  /** Say below a file field what happens: `lines` of text, or a progress with its text. */
  function tell(input, lines, part) {
    const place = input.closest(".field-file") && input.closest(".field-file").querySelector("[data-file-told]");
    if (!place) return;
    place.setAttribute("role", "status");
    place.replaceChildren();
    place.hidden = lines.length === 0;
    const list = document.createElement("ul");
    for (const [text, more] of lines) {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = text;
      item.append(name);
      if (more) {
        const detail = document.createElement("span");
        detail.textContent = more;
        item.append(detail);
      }
      list.append(item);
    }
    place.append(list);
    if (part !== undefined) {
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = part;
      bar.setAttribute("aria-label", lines[0] ? lines[0][0] : "");
      place.append(bar);
    }
  }

  /** Say beside a file field that it holds a wrong file; "" takes away what was said, also of the try before. */
  function blame(input, text) {
    const field = input.closest(".field-file");
    const place = field && field.querySelector("[data-file-wrong]");
    input.setCustomValidity(text);
    if (!place) return;
    all(field, ".wrong").forEach((said) => { if (said !== place) said.remove(); });
    all(document, `.summary a[href="#${CSS.escape(input.id)}"]`).forEach((link) => {
      const summary = link.closest(".summary");
      link.closest("li").remove();
      if (!summary.querySelector(".summary li a")) summary.remove();
    });
    place.querySelector("span").textContent = text;
    place.hidden = !text;
    field.classList.toggle("field-wrong", Boolean(text));
    if (text) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
    const others = (input.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== place.id && document.getElementById(id));
    const ids = others.concat(text ? [place.id] : []).join(" ");
    if (ids) input.setAttribute("aria-describedby", ids); else input.removeAttribute("aria-describedby");
  }

  // Which files were chosen, how large; one that is too large is told before it was sent.
  function wakeFile(input) {
    input.addEventListener("change", () => {
      const most = Number(input.dataset.most || 0);
      const files = Array.from(input.files || []);
      const large = files.find((file) => most && file.size > most);
      tell(input, files.map((file) => [file.name, size(file.size)]));
      blame(input, large ? textOf(input, "too-large", "{name}").replace("{name}", () => large.name) : "");
    });
    ["dragenter", "dragover"].forEach((name) => input.addEventListener(name, () => input.classList.add("over")));
    ["dragleave", "drop", "dragend"].forEach((name) => input.addEventListener(name, () => input.classList.remove("over")));
  }

  // A form with files is sent with its progress shown. The answer is the page that the form would have led to.
  function wakeUpload(form) {
    form.addEventListener("submit", (event) => {
      const inputs = all(form, "input[type=file]");
      const chosen = inputs.filter((input) => input.files && input.files.length);
      const wrong = inputs.find((input) => input.validationMessage && input.validity.customError);
      if (wrong) {
        event.preventDefault();
        blame(wrong, wrong.validationMessage); // said once more
        wrong.focus();
        wrong.closest(".field").scrollIntoView({ block: "center" });
        return;
      }
      if (!chosen.length || event.defaultPrevented) return;
      event.preventDefault();
      send(form, chosen[chosen.length - 1], event.submitter);
    });
  }

  function send(form, input, button) {
    const body = new FormData(form);
    if (button && button.name) body.append(button.name, button.value);
    const buttons = all(form, "button");
    const request = new XMLHttpRequest();
    const failed = () => {
      buttons.forEach((one) => { one.disabled = false; });
      tell(input, [[textOf(input, "failed", ""), ""]]);
    };
    let told = -1;
    const progress = (part) => {
      const percent = Math.floor(part * 10) * 10;
      if (percent === told) return; // a screen reader hears every tenth, not every packet
      told = percent;
      tell(input, [[textOf(input, "sending", "{percent} %").replace("{percent}", String(percent)), ""]], part);
    };
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) progress(event.loaded / event.total); });
    request.addEventListener("load", () => {
      if (!request.responseText.includes("<html")) { failed(); return; }
      show(request.responseText, request.status < 400 ? request.responseURL : "");
    });
    request.addEventListener("error", failed);
    request.addEventListener("abort", failed);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    buttons.forEach((one) => { one.disabled = true; });
    progress(0);
    request.send(body);
  }

  /** Put the page that came back in the place of this one: at `address` if it went well, here if it came back with faults. */
  function show(html, address) {
    const page = new DOMParser().parseFromString(html, "text/html");
    if (address && address !== location.href) history.pushState(null, "", address);
    document.documentElement.dataset.shown = "yes";
    document.title = page.title;
    document.body.replaceWith(document.adoptNode(page.body));
    window.scrollTo(0, 0);
    if (window.htmx) window.htmx.process(document.body);
    wake(document.body);
    wakeKeys();
    wakeUnsent();
    focusFaults(document.body, document.querySelector("main"));
  }
  window.addEventListener("popstate", () => { if (document.documentElement.dataset.shown) location.reload(); });

  function wakeCheckAll(box) {
    const boxes = () => all(document, `input[type=checkbox][name="${CSS.escape(box.dataset.checkAll)}"]:not(:disabled)`);
    box.addEventListener("change", () => boxes().forEach((one) => { one.checked = box.checked; }));
  }

  /** After a page with faults came: to their summary; a link in it leads into the field, also into a group of choices. */
  function focusFaults(root, fallback) {
    const summary = root.querySelector("[data-focus]");
    if (summary) {
      summary.removeAttribute("data-focus"); // once: a part that is asked for anew must not take the focus away again
      summary.focus();
    }
    else if (fallback) { fallback.setAttribute("tabindex", "-1"); fallback.focus({ preventScroll: true }); }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest(".summary a[href^='#']");
    const place = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!place) return;
    const field = place.matches("input, select, textarea") ? place : place.querySelector("input:not(:disabled), select, textarea");
    if (!field) return;
    event.preventDefault();
    field.focus();
    (place.closest(".field") || place).scrollIntoView({ block: "center" });
  });

  // What was typed and not sent is lost by leaving the page: the browser asks first. So is what an answer to a form still holds of it
  // (main[data-answer]), where nothing keeps it. Searching is no writing, and a code from an SMS is worth nothing later.
  const TYPED = "textarea, input:not([type=hidden], [type=checkbox], [type=radio], [type=file], [type=search], [autocomplete=one-time-code])";
  const unsent = new Set();
  let answerHolds = false;
  const nameOf = (form) => form.getAttribute("id") || form.getAttribute("action");
  const forms = () => all(document, "main form[method=post]");
  const holdsText = (form) => Array.from(form.elements).some((field) => field.matches(TYPED) && field.value.trim());
  function ask(event) {
    if (!answerHolds && !forms().some((form) => unsent.has(nameOf(form)))) return;
    event.preventDefault();
    event.returnValue = true; // for browsers of before 2023
  }
  function watch() {
    if (answerHolds || unsent.size) window.addEventListener("beforeunload", ask);
    else window.removeEventListener("beforeunload", ask); // a page that listens is kept by no browser for the way back
  }
  function wakeUnsent() {
    unsent.clear();
    answerHolds = Boolean(document.querySelector("main[data-answer]")) && forms().some((form) => form.matches("[data-unsent]") || holdsText(form));
    watch();
  }
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || !event.target.matches(TYPED) || !form.matches("main form[method=post]")) return;
    if (holdsText(form)) unsent.add(nameOf(form));
    else unsent.delete(nameOf(form));
    watch();
  });

  // Twice pressed is once sent.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") === "get") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    if (form.matches("main form")) {
      unsent.delete(nameOf(form));
      answerHolds = false;
      watch();
    }
    window.setTimeout(() => { delete form.dataset.sent; }, 5000); // an answer may be a download, and the page stays
  });
  window.addEventListener("pageshow", () => all(document, "form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  // Keys: a control with data-key="a" is pressed by that key while the focus is in no field. Announced by the page
  // (aria-keyshortcuts, show.keys); [data-keys-switch] is the box that turns them off for this browser.
  const off = () => { try { return localStorage.getItem(KEYS_OFF) === "yes"; } catch { return false; } };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.key.length !== 1 || off()) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio], [type=file]), select, textarea, [contenteditable], dialog")) return;
    const control = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!control || control.disabled || control.closest("[hidden]")) return;
    event.preventDefault();
    if (control.matches("input, select, textarea")) control.focus();
    else control.click();
  });
  function wakeKeys() {
    all(document, "[data-keys-switch]").forEach((box) => {
      box.checked = !off();
      box.addEventListener("change", () => {
        try { if (box.checked) localStorage.removeItem(KEYS_OFF); else localStorage.setItem(KEYS_OFF, "yes"); } catch { /* not kept, then */ }
      });
    });
  }

  // What is typed while a part of a form is asked for anew stays typed: the part that comes knows only what was sent.
  const sent = new WeakMap();
  let typed = [];
  const FIELDS = "input:not([type=hidden], [type=file], [type=submit], [type=button]), select, textarea";
  const content = (field) => (field.matches("[type=checkbox], [type=radio]") ? field.checked : field.value);
  const fields = () => all(document, FIELDS).filter((field) => field.id);
  document.addEventListener("htmx:before:request", (event) => {
    if (event.detail && event.detail.ctx) sent.set(event.detail.ctx, new Map(fields().map((field) => [field.id, content(field)])));
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const before = event.detail && event.detail.ctx && sent.get(event.detail.ctx);
    typed = before ? fields().filter((field) => before.has(field.id) && before.get(field.id) !== content(field)) : [];
    typed = typed.map((field) => ({ id: field.id, content: content(field), caret: field === document.activeElement ? caretOf(field) : null }));
  });
  document.addEventListener("htmx:before:settle", () => {
    for (const one of typed) {
      const field = document.getElementById(one.id);
      if (!field || !field.matches(FIELDS)) continue;
      if (typeof one.content === "boolean") field.checked = one.content;
      else if (!field.matches("select") || Array.from(field.options).some((option) => option.value === one.content)) field.value = one.content;
      if (one.caret && field === document.activeElement) field.setSelectionRange(...one.caret);
    }
    typed = [];
  });
  function caretOf(field) {
    try { return field.selectionStart === null ? null : [field.selectionStart, field.selectionEnd]; } catch { return null; }
  }

  /** Above a form of which a part came anew: what is mended by now is told no more. What is still empty isn't mended. */
  function mendSummary() {
    const filled = (field) => all(field, FIELDS).some((one) => (one.matches("[type=checkbox], [type=radio]") ? one.checked : one.value.trim()));
    for (const link of all(document, ".summary li a[href^='#']")) {
      const place = document.getElementById(link.getAttribute("href").slice(1));
      const field = place && place.closest(".field");
      if (field && !field.classList.contains("field-wrong") && filled(field)) link.closest("li").remove();
    }
    all(document, ".summary").forEach((summary) => { if (summary.querySelector("ul") && !summary.querySelector("li")) summary.remove(); });
  }

  // Around a swap of a part of the page: htmx brings the focus back to what has an id; a link that has none is found by where it leads.
  let focusedLink = "";
  document.addEventListener("htmx:before:swap", () => {
    const active = document.activeElement;
    focusedLink = active && !active.id && active.matches("a[href]") ? active.getAttribute("href") : "";
  });
  document.addEventListener("htmx:after:settle", (event) => {
    const root = event.target && event.target.querySelectorAll ? event.target : document;
    wake(root);
    mendSummary();
    focusFaults(root, null);
    if (focusedLink && document.activeElement === document.body) {
      const link = root.querySelector(`a[href="${CSS.escape(focusedLink)}"]`);
      if (link) link.focus({ preventScroll: true });
    }
    all(document, "form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  });

  document.documentElement.classList.add("scripted");
  wake(document);
  wakeKeys();
  wakeUnsent();
  focusFaults(document, null);
})();

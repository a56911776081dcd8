/* Small manners on top of pages that work without it. Words come from the page (data-*). */
(() => {
  "use strict";
  const doc = document;
  const one = (selector, from = doc) => from.querySelector(selector);
  const all = (selector, from = doc) => [...from.querySelectorAll(selector)];
  const say = (words) => {
    const line = one("#announcement");
    if (line) line.textContent = words || "";
  };

  // Focus goes where the person asked: [data-focus] in what was just swapped in.
  const focusWanted = (root) => {
    const wanted = root.matches?.("[data-focus]") ? root : one("[data-focus]", root);
    if (!wanted) return;
    if (!wanted.matches("a,button,input,select,textarea")) wanted.tabIndex = -1;
    wanted.focus({ preventScroll: false });
  };
  doc.addEventListener("htmx:afterSettle", (event) => focusWanted(event.target));
  for (const name of ["htmx:responseError", "htmx:sendError"])
    doc.addEventListener(name, () => say(doc.body.dataset.failed));

  // A page that waits listens for news; it asks for itself, and also on its own now and then.
  let news;
  const listen = () => {
    const waiting = one("[data-live]");
    if (!waiting) return news?.close();
    if (news && news.readyState !== EventSource.CLOSED) return;
    news = new EventSource(waiting.dataset.live);
    news.onmessage = () => htmx.trigger(one("[data-live]") || doc.body, "news");
  };
  if (window.EventSource) {
    listen();
    doc.addEventListener("htmx:afterSettle", listen);
  }

  const closeMenus = (except) =>
    all("details.menu[open]").forEach((menu) => {
      if (!except || !menu.contains(except)) menu.open = false;
    });

  const copy = async (button) => {
    const words = one("[data-copy-words]", button) || button;
    const before = words.textContent;
    await navigator.clipboard.writeText(button.dataset.copy);
    words.textContent = button.dataset.copied;
    say(button.dataset.copied);
    setTimeout(() => (words.textContent = before), 2000);
  };

  doc.addEventListener("click", (event) => {
    closeMenus(event.target);
    const hit = event.target.closest("[data-dialog],[data-dialog-close],[data-copy],[data-fold],[data-print]");
    if (!hit) return;
    if (hit.dataset.dialog) {
      event.preventDefault();
      doc.getElementById(hit.dataset.dialog)?.showModal();
    } else if ("dialogClose" in hit.dataset) hit.closest("dialog").close();
    else if (hit.dataset.copy) copy(hit);
    else if ("print" in hit.dataset) print();
    else hit.setAttribute("aria-expanded", hit.getAttribute("aria-expanded") !== "true");
  });

  // A form with words in it asks before it is left (messages, long settings).
  const dirty = new Set();
  doc.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && "guard" in form.dataset) dirty.add(form);
  });
  doc.addEventListener("submit", (event) => dirty.delete(event.target));
  addEventListener("beforeunload", (event) => {
    if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
  });

  doc.addEventListener("change", (event) => {
    const box = event.target;
    if ("pickAll" in box.dataset) all("[data-pick]", box.form || doc).forEach((pick) => (pick.checked = box.checked));
    if ("pick" in box.dataset || "pickAll" in box.dataset) {
      const picked = all("[data-pick]:checked", box.form || doc).length;
      all("[data-picked]").forEach((place) => (place.textContent = picked));
    }
    const drop = box.closest("[data-drop]");
    if (drop && box.type === "file") {
      const names = one("[data-drop-names]", drop);
      if (names) names.textContent = [...box.files].map((file) => file.name).join(", ");
    }
  });

  // A search field has asked while it was typed in: leaving it must not ask a second time.
  doc.addEventListener("change", (event) => event.target.type === "search" && event.stopPropagation(), true);

  const dragging = (event, over) => {
    const drop = event.target.closest?.("[data-drop]");
    if (!drop) return null;
    event.preventDefault();
    drop.classList.toggle("drop-over", over);
    return drop;
  };
  doc.addEventListener("dragover", (event) => dragging(event, true));
  doc.addEventListener("dragleave", (event) => dragging(event, false));
  doc.addEventListener("drop", (event) => {
    const input = dragging(event, false)?.querySelector("input[type=file]");
    if (!input || !event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Keys: Ctrl+K finds; j and k walk a list (single keys can be switched off in the profile).
  const walk = (list, step) => {
    const links = all(".row-link", list);
    const at = links.findIndex((link) => link.closest("tr,.row,li").contains(doc.activeElement));
    links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
  };
  doc.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = one("details.menu[open]");
      closeMenus();
      open?.firstElementChild.focus();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const search = all("[data-search]").find((field) => field.offsetParent);
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || doc.body.dataset.keys === "off") return;
    if (event.target.closest("input:not([type=checkbox]),select,textarea,[contenteditable],dialog")) return;
    const list = one("[data-keys-list]");
    if (!list) return;
    if (event.key === "j" || event.key === "k") walk(list, event.key === "j" ? 1 : -1);
    if (event.key === "x") one("[data-pick]", doc.activeElement.closest("tr,.row") || doc.createElement("i"))?.click();
  });

  focusWanted(doc.body);
})();

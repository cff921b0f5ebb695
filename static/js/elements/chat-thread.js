import { all, clone, focusOn, isComposing, isCalm, isField, parse, parseElement, setHidden, setText } from "../helpers/dom.js";
import { getPart, post } from "../helpers/http.js";
import { countWords, plural, uuid, word } from "../helpers/text.js";
import { alarm, status } from "../models/announcer.js";
import { AnswerView } from "../models/answer-view.js";
import { addCopyButtons, isSameMessage, refresh, settle, sourceOf } from "../models/article.js";
import { Blocks } from "../models/blocks.js";
import { chat } from "../models/chat-state.js";
import { socket } from "../models/chat-socket.js";
import { Echoes } from "../models/echoes.js";
import { LiveMessage } from "../models/live-message.js";
import { Outbox } from "../models/outbox.js";
import { Reveal } from "../models/reveal.js";
import { ScrollKeeper } from "../models/scroll-keeper.js";
import { Turns } from "../models/turns.js";
import { COMMANDS, FRAMES, LIVE } from "../protocol.js";

// The thread: what the server says becomes nodes, what the person does becomes commands.

const READ_ALOUD = 300; // characters of an answer that #status may say whole
const FAR_AHEAD = "600px 0px 0px 0px"; // older messages are fetched before the reader arrives

export default class ChatThread extends HTMLElement {
  #root;
  #turns;
  #echoes;
  #keeper;
  #outbox = new Outbox((command) => socket.send(command));
  #views = new Map(); // message → AnswerView
  #stopWanted = new Set(); // refs and messages to stop as soon as that is possible
  #fetching = null;
  #missed = 0; // answers that ended below while the reader was elsewhere
  #watchOlder = null;
  #stopping = new AbortController();

  // Lifecycle

  connectedCallback() {
    this.#root = this.querySelector("#thread");
    this.#turns = new Turns(this.#root);
    this.#echoes = new Echoes(this.#turns);
    this.#keeper = new ScrollKeeper(this.#root, { changed: () => this.#showPosition() });
    this.#keeper.start();
    chat.set({ conversation: this.#root.dataset.conversation });
    for (const article of this.#turns.articles) this.#adopt(article);
    this.#watchForOlder();
    this.#listen();
    this.#echoWaiting();
    this.#settleState();
    if (socket.isOpen) this.#opened();
  }

  disconnectedCallback() {
    this.#stopping.abort();
    this.#keeper.stop();
    this.#watchOlder?.disconnect();
    for (const view of this.#views.values()) view.end();
  }

  #listen() {
    const options = { signal: this.#stopping.signal };
    socket.addEventListener("open", () => this.#opened(), options);
    socket.addEventListener("state", () => this.#connectionChanged(), options);
    socket.addEventListener("frame", ({ detail }) => this.#frame(detail), options);
    this.addEventListener("click", (event) => this.#clicked(event), options);
    document.addEventListener("click", (event) => this.#jump(event), options);
    document.addEventListener("keydown", (event) => this.#keyed(event), options);
    document.addEventListener("chat:ask", (event) => this.#ask(event), options);
    document.addEventListener("chat:edit", (event) => this.#edit(event), options);
    document.addEventListener("chat:edit-last", () => this.#editLast(), options);
    document.addEventListener("chat:stop", () => this.#stop(), options);
    addEventListener("pageshow", (event) => event.persisted && this.#refetch(), options);
  }

  // The connection

  // What the page shows is told first, what it wants to say second: the server joins, then catches up.
  #opened() {
    if (chat.conversation) this.#watch();
    this.#outbox.flush();
    for (const message of this.#stopWanted) this.#sendStop(message);
  }

  #watch() {
    const after = this.#turns.leaf || null;
    socket.send({ type: COMMANDS.watch, conversation: chat.conversation, after });
  }

  #connectionChanged() {
    if (!socket.isOpen) for (const view of this.#views.values()) view.message.disconnected();
    for (const command of this.#outbox.commands) this.#showWaiting(command.ref);
  }

  // Frames

  #frame({ frame, size }) {
    const take = {
      [FRAMES.message]: () => this.#message(frame),
      [FRAMES.accepted]: () => this.#accepted(frame),
      [FRAMES.refused]: () => this.#refused(frame),
      [FRAMES.watched]: () => this.#watched(frame),
      [FRAMES.delta]: () => this.#delta(frame, size),
      [FRAMES.snapshot]: () => this.#views.get(frame.message)?.snapshot(frame),
      [FRAMES.end]: () => this.#end(frame),
      [FRAMES.conversation_deleted]: () => this.#deleted(frame),
    };
    take[frame.type]?.();
  }

  #message(frame) {
    const isNew = chat.conversation === "" && this.#echoes.has(frame.ref);
    if (isNew) this.#begin(frame.conversation);
    if (frame.conversation !== chat.conversation) return;
    const fresh = parseElement(frame.html);
    const shown = this.#turns.article(frame.message);
    if (shown) this.#renew(shown, fresh, frame.ref);
    else if (this.#turns.place(fresh, frame)) this.#adopt(fresh);
    else this.#refetch();
    this.#settleState();
  }

  // A conversation that had no address has one now.
  #begin(conversation) {
    chat.set({ conversation });
    this.#root.dataset.conversation = conversation;
    history.replaceState(history.state, "", `/c/${conversation}`);
  }

  #accepted({ ref, conversation, question, answer, branched }) {
    const isOurs = this.#echoes.has(ref);
    this.#outbox.take(ref);
    this.#echoes.keep(ref);
    if (chat.sending === ref) chat.set({ sending: "" });
    if (isOurs && location.search) history.replaceState(history.state, "", `/c/${conversation}`);
    if (this.#stopWanted.delete(ref)) this.#sendStop(answer);
    if (branched && isOurs) this.#tell("toast", { text: word("branched") });
    this.#tell("accepted", { ref, conversation, question, answer });
  }

  #refused({ ref, code, message }) {
    const command = ref && this.#outbox.take(ref);
    if (!command) return;
    const isShown = this.#echoes.has(ref);
    this.#echoes.takeBack(ref);
    this.#stopWanted.delete(ref);
    if (chat.sending === ref) chat.set({ sending: "" });
    this.#settleState();
    this.#tell("refused", { ref, code, message, command, isShown });
    if (command.type === COMMANDS.edit && isShown) this.#openEditor(command.message, command.text, message);
    else if (command.type !== COMMANDS.send) this.#note(command.message, message);
  }

  #watched({ conversation }) {
    if (conversation !== chat.conversation) return;
    for (const view of this.#views.values()) if (view.message.needsSnapshot) view.message.resync();
  }

  #delta(frame, size) {
    const view = this.#views.get(frame.message);
    if (!view) return;
    if (view.article.dataset.status === "waiting" && frame.patches.length > 0) status.say(word("answering"));
    view.delta(frame, size);
  }

  #end(frame) {
    this.#stopWanted.delete(frame.message);
    const article = this.#turns.article(frame.message);
    if (!article) return;
    const wasLive = this.#views.has(frame.message);
    this.#finish(article, parseElement(frame.html));
    if (wasLive) this.#announceEnd(article, frame.status);
    this.#settleState();
  }

  #deleted({ conversation }) {
    if (conversation === chat.conversation) this.#tell("deleted", { conversation });
  }

  // Messages and their views

  #adopt(article) {
    addCopyButtons(article, clone("t-copy-code"));
    if (LIVE.has(article.dataset.status) && article.dataset.message) this.#view(article);
  }

  #view(article) {
    const id = article.dataset.message;
    const button = clone("t-copy-code");
    const root = article.querySelector("[data-blocks]");
    const blocks = new Blocks(root, { added: (node) => addCopyButtons(node, button) });
    const reveal = new Reveal(root, { instant: isCalm() });
    const seq = "seq" in article.dataset ? Number(article.dataset.seq) : null;
    const message = new LiveMessage({ id, blocks, reveal, send: (command) => socket.send(command), seq });
    const view = new AnswerView(article, message);
    this.#views.get(id)?.end();
    this.#views.set(id, view);
    return view;
  }

  // A message that is shown already comes again: it may have ended meanwhile, or be going on.
  #renew(article, fresh, ref) {
    for (const role of ["user", "assistant"]) if (ref) this.#turns.echo(ref, role)?.remove();
    const view = this.#views.get(article.dataset.message);
    if (!LIVE.has(fresh.dataset.status)) this.#finish(article, fresh);
    else if (!view) {
      refresh(article, fresh);
      this.#view(article);
    }
  }

  #finish(article, fresh) {
    const id = article.dataset.message;
    this.#views.get(id)?.end();
    this.#views.delete(id);
    const [blocks, freshBlocks] = [article, fresh].map((one) => one.querySelector("[data-blocks]"));
    if (blocks && freshBlocks) settle(blocks, freshBlocks);
    refresh(article, fresh);
    addCopyButtons(article, clone("t-copy-code"));
  }

  #announceEnd(article, how) {
    const text = article.querySelector("[data-blocks]")?.textContent ?? "";
    if (!this.#keeper.following) this.#missed += 1;
    this.#showPosition();
    if (how === "stopped") status.say(word("stopped"));
    else if (how === "complete") {
      const count = countWords(text);
      status.say([plural("finished", count), text.length <= READ_ALOUD ? text.trim() : ""].filter(Boolean).join(" "));
    } else {
      const failure = article.querySelector(".failure");
      alarm(all("h3, p", failure ?? article).map((node) => node.textContent.trim()).join(" "));
    }
  }

  #settleState() {
    for (const [id, view] of this.#views) {
      if (view.article.isConnected) continue;
      view.end();
      this.#views.delete(id);
    }
    const last = this.#turns.articles.at(-1);
    const isLive = last?.dataset.role === "assistant" && LIVE.has(last.dataset.status);
    this.#root.dataset.leaf = this.#turns.leaf;
    chat.set({ answering: Boolean(isLive && last.dataset.message) });
  }

  // Fetch the shown branch anew: the page has lost its place in the tree.
  async #refetch() {
    if (this.#fetching || !chat.conversation) return;
    this.#fetching = getPart(`/c/${chat.conversation}`, "thread");
    const html = await this.#fetching;
    this.#fetching = null;
    if (html === null) return;
    this.#show(parse(html));
    if (socket.isOpen) this.#watch();
  }

  #show(fragment) {
    const { added, isElsewhere } = this.#turns.swap(all(".turn", fragment), isSameMessage);
    if (isElsewhere) this.#replaceOlder(fragment.querySelector("a.older"));
    for (const article of added) this.#adopt(article);
    for (const article of added) this.#views.get(article.dataset.message)?.message.resync();
    this.#settleState();
    return added;
  }

  // Commands

  #ask(event) {
    event.preventDefault(); // taken: the form need not be sent
    const { ref, text, model } = event.detail;
    const command = { type: COMMANDS.send, ref, conversation: chat.conversation || null, text, model };
    const parent = this.#turns.leaf || null;
    this.#command({ ...command, parent }, () => this.#echoQuestion({ ref, text }));
  }

  #edit(event) {
    event.preventDefault();
    const { message, text, model } = event.detail;
    const old = this.#turns.article(message);
    const ref = uuid();
    const change = () => {
      const echo = this.#echoes.edit(ref, text, old);
      this.#turns.anchor(echo.closest(".turn"));
      return echo;
    };
    this.#command({ type: COMMANDS.edit, ref, message, text, model }, () => this.#keeper.hold(old, change));
  }

  // Show first, send second; what no server would read is refused here.
  #command(command, show) {
    show();
    chat.set({ sending: command.ref });
    const isPut = this.#outbox.put(command);
    this.#showWaiting(command.ref);
    this.#settleState();
    if (isPut) status.say(socket.isOpen ? word("sent") : word("waits"));
    else this.#refuseTooLong(command);
  }

  #refuseTooLong(command) {
    const { ref } = command;
    this.#echoes.takeBack(ref);
    chat.set({ sending: "" });
    const message = word("too-long");
    this.#tell("refused", { ref, code: "too_long", message, command, isShown: true });
    if (command.type === COMMANDS.edit) this.#openEditor(command.message, command.text, message);
  }

  #echoQuestion({ ref, text }) {
    const turn = this.#echoes.ask(ref, text, this.#root.querySelector("[data-hero]"));
    this.#turns.anchor(turn);
    this.#missed = 0;
    this.#keeper.follow();
  }

  // Questions of this tab that no server has answered yet, after a reload.
  #echoWaiting() {
    for (const command of this.#outbox.commands) {
      if (command.type !== COMMANDS.send || (command.conversation ?? "") !== chat.conversation) continue;
      this.#echoQuestion(command);
      chat.set({ sending: command.ref });
      this.#showWaiting(command.ref);
    }
  }

  // A question that cannot leave says so, and can be taken back.
  #showWaiting(ref) {
    const [question, answer] = ["user", "assistant"].map((role) => this.#turns.echo(ref, role));
    const waits = this.#outbox.has(ref) && !socket.isOpen;
    setHidden(answer, waits);
    const note = question?.querySelector("[data-waits]");
    if (!waits) note?.remove();
    else if (question && !note) question.append(clone("t-waits") ?? "");
  }

  #takeBack(article) {
    const { ref } = article.dataset;
    const command = this.#outbox.take(ref);
    if (!command) return;
    this.#echoes.takeBack(ref);
    chat.set({ sending: "" });
    this.#settleState();
    this.#tell("refused", { ref, code: "taken_back", message: "", command, isShown: true });
  }

  #regenerate(article, button) {
    if (chat.sending || chat.answering) return status.answer(word("answer-first"));
    const ref = uuid();
    const model = button.name === "model" && button.value ? button.value : null;
    const footer = article.querySelector("footer") ?? article;
    const change = () => {
      const waiting = this.#echoes.answer(ref, article);
      return waiting.querySelector("footer") ?? waiting;
    };
    this.#command({ type: COMMANDS.regenerate, ref, message: article.dataset.message, model }, () => {
      this.#keeper.hold(footer, change);
      focusOn(this.#turns.echo(ref, "assistant"));
    });
  }

  #continue(article) {
    if (chat.sending || chat.answering) return status.answer(word("answer-first"));
    const ref = uuid();
    const show = () => focusOn(this.#echoes.resume(ref, article));
    this.#command({ type: COMMANDS.continue, ref, message: article.dataset.message }, show);
  }

  #stop() {
    if (chat.sending && !chat.answering) this.#stopWanted.add(chat.sending);
    for (const [id, view] of this.#views) {
      view.stopping();
      this.#sendStop(id);
    }
  }

  #sendStop(message) {
    if (!socket.send({ type: COMMANDS.stop, message }) || this.#outbox.has(message)) this.#stopWanted.add(message);
  }

  // Actions of the person

  #clicked(event) {
    const button = event.target.closest("[data-do]");
    const article = button?.closest("article");
    if (!article || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const actions = {
      regenerate: () => this.#regenerate(article, button),
      retry: () => this.#regenerate(article, button),
      continue: () => this.#continue(article),
      edit: () => this.#openEditor(this.#questionOf(article)),
      previous: () => this.#showVersion(button, article),
      next: () => this.#showVersion(button, article),
      stop: () => this.#stop(),
      models: () => this.#tell("pick-model"),
      "take-back": () => this.#takeBack(article),
    };
    const action = actions[button.dataset.do];
    if (!action) return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled") !== "true") action();
  }

  #questionOf(article) {
    return article.dataset.role === "user" ? article.dataset.message : article.dataset.parent;
  }

  #editLast() {
    const last = this.#turns.articles.findLast((article) => article.dataset.role === "user" && article.dataset.message);
    if (last) this.#openEditor(last.dataset.message);
  }

  #openEditor(message, text = null, refusal = "") {
    const article = this.#turns.article(message);
    if (!article || article.querySelector("message-editor")) return;
    if (chat.sending || chat.answering) return status.answer(word("answer-first"));
    const editor = clone("t-editor");
    if (!editor) return location.assign(`/m/${message}/edit`);
    this.#keeper.release();
    editor.message = { id: message, text: text ?? sourceOf(article), refusal };
    article.append(editor);
  }

  // A sentence about a command, at the message it was about.
  #note(message, text) {
    const article = this.#turns.article(message);
    const note = article && clone("t-note");
    if (!note) return alarm(text);
    article.querySelector("[data-note]")?.remove();
    setText(note, text);
    article.append(note);
  }

  async #showVersion(link, article) {
    if (chat.sending) return status.answer(word("answer-first"));
    const html = await getPart(link.href, "thread");
    if (html === null) return socket.isOpen ? location.assign(link.href) : status.answer(word("offline"));
    const action = link.dataset.do;
    const turn = article.closest(".turn");
    const index = this.#turns.all.indexOf(turn);
    const { role } = article.dataset;
    let control = null;
    this.#keeper.hold(link, () => {
      const first = this.#turns.all[0];
      this.#show(parse(html));
      const place = first.isConnected || turn.isConnected ? index : this.#turns.all.length - 1;
      control = this.#versionControl(this.#turns.all[place], role, action);
      return control;
    });
    focusOn(control ?? this.#turns.articles.at(-1));
    this.#rememberVersion(link.href, control);
  }

  #versionControl(turn, role, action) {
    const nav = turn?.querySelector(`article[data-role="${role}"] nav`);
    const same = nav?.querySelector(`[data-do="${action}"]:not([aria-disabled="true"])`);
    return same ?? nav?.querySelector("[data-do]:not([aria-disabled])") ?? nav;
  }

  #rememberVersion(href, control) {
    history.replaceState(history.state, "", href);
    const message = new URL(href).searchParams.get("at");
    post(`/c/${chat.conversation}/select`, { message });
    const [index, count] = control?.closest("nav")?.textContent.match(/\d+/g) ?? [];
    if (count) status.answer(word("version", { index, count }));
  }

  #jump(event) {
    const button = event.target.closest("[data-do=jump]");
    if (!button) return;
    event.preventDefault();
    this.#missed = 0;
    this.#keeper.follow();
    this.#showPosition();
    this.#tell("focus");
  }

  #keyed(event) {
    if (isComposing(event)) return;
    if (event.key === "Escape") this.#escape(event);
    else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) this.#walk(event);
  }

  // One Escape, one effect: whatever is open takes it first.
  #escape(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open], :popover-open, message-editor")) return;
    if (!chat.answering && !chat.sending) return;
    event.preventDefault();
    this.#stop();
    this.#tell("stopping");
  }

  #walk(event) {
    if (isField(event.target) && event.target.value) return;
    const articles = this.#turns.articles;
    const at = articles.indexOf(document.activeElement?.closest?.("article"));
    const step = event.key === "ArrowUp" ? -1 : 1;
    const next = at < 0 ? articles.at(-1) : articles[at + step];
    if (!next) return;
    event.preventDefault();
    this.#keeper.release();
    focusOn(next);
    next.scrollIntoView({ block: "start" });
  }

  // Older messages

  #watchForOlder() {
    this.#watchOlder?.disconnect();
    const link = this.#root.querySelector("a.older");
    if (!link) return;
    this.#watchOlder = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#loadOlder(link), { rootMargin: FAR_AHEAD });
    this.#watchOlder.observe(link);
  }

  async #loadOlder(link) {
    this.#watchOlder.disconnect();
    const html = await getPart(link.href, "thread");
    if (html === null || !link.isConnected) return;
    const fragment = parse(html);
    const first = this.#turns.all[0];
    this.#keeper.hold(first, () => {
      for (const turn of this.#turns.prepend(all(".turn", fragment))) for (const article of all("article", turn)) this.#adopt(article);
      this.#replaceOlder(fragment.querySelector("a.older"));
    });
  }

  #replaceOlder(link) {
    this.#root.querySelector("a.older")?.remove();
    if (link) this.#root.prepend(link);
    this.#watchForOlder();
  }

  // Where the reader is

  #showPosition() {
    const { following, wantsJump } = this.#keeper;
    if (following) this.#missed = 0;
    this.#root.dataset.following = String(following);
    const button = document.querySelector("[data-do=jump]");
    setHidden(button, !wantsJump);
    const count = button?.querySelector("[data-count]");
    setText(count, this.#missed ? plural("new-answers", this.#missed) : "");
  }

  #tell(what, detail = {}) {
    document.dispatchEvent(new CustomEvent(`chat:${what}`, { detail }));
  }
}

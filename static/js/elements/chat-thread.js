import { all, clone, focusOn, isCalm, isCoarse, isComposing, isField, keepFocus, parseElement, setHidden, setText, setting } from "../helpers/dom.js";
import { countWords, plural, sentence, word } from "../helpers/text.js";
import { alarm, status } from "../models/announcer.js";
import { AnswerView } from "../models/answer-view.js";
import { addCopyButtons, isSameMessage, refresh, settle } from "../models/article.js";
import { Blocks } from "../models/blocks.js";
import { socket } from "../models/chat-socket.js";
import { chat } from "../models/chat-state.js";
import { Echoes } from "../models/echoes.js";
import { LiveMessage } from "../models/live-message.js";
import { Outbox } from "../models/outbox.js";
import { Reveal } from "../models/reveal.js";
import { ScrollKeeper } from "../models/scroll-keeper.js";
import { Turns } from "../models/turns.js";
import { COMMANDS, FRAMES, LIVE } from "../protocol.js";
import { ThreadBranches } from "./thread-branches.js";
import { ThreadCommands } from "./thread-commands.js";

// The thread: what the server says becomes nodes, what the person does becomes commands.

const READ_ALOUD = 300; // characters of an answer that #status may say whole

export default class ChatThread extends HTMLElement {
  #root;
  #turns;
  #echoes;
  #keeper;
  #commands;
  #branches;
  #views = new Map(); // message → AnswerView
  #missed = 0; // answers that ended below while the reader was elsewhere
  #menuFor = null; // the article that the menu of models was opened at
  #stopping = new AbortController();

  // Lifecycle

  connectedCallback() {
    this.#root = this.querySelector("#thread");
    this.#turns = new Turns(this.#root);
    this.#echoes = new Echoes(this.#turns);
    this.#keeper = new ScrollKeeper(this.#root, { changed: () => this.#showPosition() });
    this.#compose();
    this.#keeper.start({ following: !location.hash.startsWith("#m-") });
    chat.set({ conversation: this.#root.dataset.conversation });
    for (const article of this.#turns.articles) this.#adopt(article);
    this.#branches.start();
    this.#listen();
    this.#commands.echoWaiting();
    this.#connectionChanged();
    this.#settleState();
    if (socket.isOpen) this.#opened();
  }

  disconnectedCallback() {
    this.#stopping.abort();
    this.#keeper.stop();
    this.#branches.stop();
    for (const view of this.#views.values()) view.end();
  }

  #compose() {
    const [turns, keeper, echoes] = [this.#turns, this.#keeper, this.#echoes];
    const send = (command) => socket.send(command);
    const person = document.getElementById("words")?.dataset.person ?? "";
    const adopted = (articles) => this.#adoptAll(articles);
    const shown = () => {
      this.#connectionChanged();
      this.#settleState();
    };
    this.#commands = new ThreadCommands(this.#root, { turns, keeper, echoes, outbox: new Outbox(send, person), send, shown });
    this.#branches = new ThreadBranches(this.#root, { turns, keeper, isSame: isSameMessage, adopted });
  }

  #listen() {
    const options = { signal: this.#stopping.signal };
    const on = (name, act) => document.addEventListener(`chat:${name}`, act, options);
    socket.addEventListener("open", () => this.#opened(), options);
    socket.addEventListener("state", () => this.#connectionChanged(), options);
    socket.addEventListener("frame", ({ detail }) => this.#frame(detail), options);
    document.addEventListener("click", (event) => this.#clicked(event), options);
    document.addEventListener("keydown", (event) => this.#keyed(event), options);
    on("ask", (event) => this.#take(event, () => this.#commands.ask(event.detail)));
    on("edit", (event) => event.preventDefault() || this.#commands.edit(event.detail));
    on("edit-last", () => this.#commands.editLast());
    on("told", (event) => this.#commands.showTold(event.detail));
    on("stop", () => this.#stop());
    addEventListener("scrollend", () => this.#branches.trim(), options);
    addEventListener("pageshow", (event) => event.persisted && this.#cameBack(), options);
  }

  // Who asks learns that somebody carries it out.
  #take(event, act) {
    event.preventDefault();
    if (!this.#turns.newer) return act();
    chat.set({ sending: event.detail.ref }); // it is on its way from now on
    this.#branches.toEnd().then(act);
  }

  // The connection

  // What the page shows is told first, what it wants to say second: the server joins, then catches up.
  async #opened() {
    await this.#branches.choose();
    this.#watch();
    this.#commands.connected();
  }

  #watch() {
    const { conversation } = chat;
    const after = this.#turns.leaf || null;
    if (conversation) socket.send({ type: COMMANDS.watch, conversation, after });
  }

  #connectionChanged() {
    if (!socket.isOpen) for (const view of this.#views.values()) view.message.disconnected();
    this.#commands.showWaiting(socket.isOpen);
  }

  // A temporary chat may have ended meanwhile: only the server knows.
  #cameBack() {
    if ("temporary" in this.#root.dataset) location.reload();
    else this.#refetch();
  }

  async #refetch() {
    if (await this.#branches.refetch()) this.#watch();
  }

  // Frames

  #frame({ frame, size }) {
    const take = {
      [FRAMES.message]: () => this.#message(frame),
      [FRAMES.accepted]: () => this.#commands.accepted(frame),
      [FRAMES.refused]: () => this.#commands.refused(frame),
      [FRAMES.watched]: () => this.#watched(frame),
      [FRAMES.delta]: () => this.#delta(frame, size),
      [FRAMES.snapshot]: () => this.#views.get(frame.message)?.snapshot(frame),
      [FRAMES.queued]: () => this.#views.get(frame.message)?.queued(frame.place),
      [FRAMES.end]: () => this.#end(frame),
      [FRAMES.thread]: () => frame.conversation === chat.conversation && this.#refetch(),
      [FRAMES.conversation]: () => frame.conversation === chat.conversation && this.#tell("there"),
      [FRAMES.conversation_deleted]: () => this.#deleted(frame),
    };
    take[frame.type]?.();
  }

  #message(frame) {
    const isNew = chat.conversation === "" && this.#echoes.has(frame.ref);
    if (isNew) this.#begin(frame.conversation);
    if (frame.conversation !== chat.conversation) return;
    const fresh = parseElement(frame.html);
    keepFocus(this.#root, () => this.#place(fresh, frame), () => this.#turns.article(frame.message));
    this.#settleState();
  }

  #place(fresh, frame) {
    const shown = this.#turns.article(frame.message);
    if (shown) this.#renew(shown, fresh, frame.ref);
    else if (this.#turns.place(fresh, frame)) this.#adopt(fresh);
    else if (!this.#turns.newer) this.#refetch(); // else it belongs below what is shown, and comes with that
  }

  // A conversation that had no address has one now.
  #begin(conversation) {
    chat.set({ conversation });
    this.#root.dataset.conversation = conversation;
    history.replaceState(history.state, "", `/c/${conversation}`);
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
    this.#commands.ended(frame.message);
    if ("allowance" in frame) this.#tell("allowance", { text: frame.allowance });
    const article = this.#turns.article(frame.message);
    if (!article) return;
    const wasLive = this.#views.has(frame.message);
    this.#finish(article, parseElement(frame.html));
    if (wasLive) this.#announceEnd(article, frame.status);
    this.#settleState();
  }

  #deleted({ conversation }) {
    if (conversation === chat.conversation) this.#tell("deleted");
  }

  // Messages and their views

  #adopt(article) {
    addCopyButtons(article, clone("t-copy-code"));
    if (LIVE.has(article.dataset.status) && article.dataset.message) this.#view(article);
  }

  // Articles of another branch: those that run are asked for where they stand.
  #adoptAll(articles) {
    for (const article of articles) this.#adopt(article);
    for (const { dataset } of articles) this.#views.get(dataset.message)?.message.resync();
    this.#settleState();
  }

  #view(article) {
    const id = article.dataset.message;
    const button = clone("t-copy-code");
    const root = article.querySelector("[data-blocks]");
    article.dataset.steady = "";
    const asked = article.parentElement?.querySelector(".question")?.lang;
    if (asked && !root.lang) root.lang = asked; // until the server knows the answer's own
    const blocks = new Blocks(root, { added: (node) => addCopyButtons(node, button) });
    const reveal = new Reveal(root, { instant: isCalm() || setting("smooth") === "off" });
    const seq = "seq" in article.dataset ? Number(article.dataset.seq) : null;
    const message = new LiveMessage({ id, blocks, reveal, send: (command) => socket.send(command), seq });
    const view = new AnswerView(article, message);
    this.#views.get(id)?.end();
    this.#views.set(id, view);
    return view;
  }

  // A message that is shown already comes again: it may have ended meanwhile, or be going on.
  #renew(article, fresh, ref) {
    if (ref) this.#turns.removeEcho(ref);
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
      status.say([plural("finished", count), text.length <= READ_ALOUD && !setting("announce") ? text.trim() : ""].filter(Boolean).join(" "));
    } else {
      const failure = article.querySelector(".failure");
      alarm(all("h3, p", failure ?? article).map((node) => sentence(node.textContent.trim())).join(" "));
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
    this.#branches.trim();
  }

  // Actions of the person

  #clicked(event) {
    const button = event.target.closest("[data-do]");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const article = button.closest("article");
    const act = article && this.contains(article) ? this.#actionAt(article, button) : this.#actionElsewhere(button);
    if (!act) return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled") !== "true") act();
  }

  #actionAt(article, button) {
    const { role, message, parent } = article.dataset;
    return {
      regenerate: () => this.#commands.regenerate(article),
      retry: () => this.#commands.regenerate(article),
      continue: () => this.#commands.goOn(article),
      edit: () => this.#commands.openEditor(role === "user" ? message : parent),
      previous: () => chat.sending || this.#branches.showVersion(button),
      next: () => chat.sending || this.#branches.showVersion(button),
      stop: () => this.#stop(),
      models: () => this.#tell("pick-model"),
      "model-menu": () => this.#openMenu(article, button),
      rate: () => this.#commands.rate(button),
      "take-back": () => this.#commands.takeBack(article),
    }[button.dataset.do];
  }

  #actionElsewhere(button) {
    const isPicked = button.dataset.do === "regenerate" && this.#menuFor?.isConnected;
    if (isPicked) return () => this.#regenerateWith(button.value);
    return button.dataset.do === "jump" ? () => this.#jump() : null;
  }

  // One menu for all messages; it is moved to the button that opens it, and marks who has answered there.
  #openMenu(article, button) {
    const menu = document.getElementById(button.getAttribute("popovertarget"));
    this.#menuFor = article;
    const by = article.querySelector(".by")?.textContent;
    for (const one of all("button", menu ?? undefined)) one.ariaCurrent = one.textContent.trim() === by ? "true" : null;
    menu?.togglePopover({ source: button });
  }

  #regenerateWith(model) {
    document.getElementById("model-menu")?.hidePopover();
    this.#commands.regenerate(this.#menuFor, model);
  }

  #stop() {
    for (const view of this.#views.values()) view.stopping();
    this.#commands.stop([...this.#views.keys()]);
  }

  async #jump() {
    await this.#branches.toEnd();
    this.#keeper.follow();
    this.#showPosition();
    if (isCoarse()) focusOn(this.#turns.articles.at(-1)); // no keyboard over what was jumped to
    else this.#tell("focus");
  }

  #keyed(event) {
    if (isComposing(event)) return;
    if (event.key === "Escape") this.#escape(event);
    else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) this.#walk(event);
  }

  // One Escape, one effect: whatever is open takes it first.
  #escape(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open], :popover-open:not(toast-list), message-editor")) return;
    if (!chat.answering && !chat.sending) return;
    event.preventDefault();
    this.#stop();
    this.#tell("stopping");
  }

  #walk(event) {
    if (isField(event.target) && event.target.value) return;
    const articles = this.#turns.articles;
    const at = articles.indexOf(document.activeElement?.closest?.("article"));
    const next = at < 0 ? articles.at(-1) : articles[at + (event.key === "ArrowUp" ? -1 : 1)];
    if (!next) return;
    event.preventDefault();
    this.#keeper.release();
    focusOn(next);
    next.scrollIntoView({ block: "start" });
  }

  // Where the reader is

  #showPosition() {
    const { following, wantsJump } = this.#keeper;
    if (following) this.#missed = 0;
    this.#root.dataset.following = String(following);
    const button = document.querySelector("[data-do=jump]");
    setHidden(button, !wantsJump);
    setText(button?.querySelector("[data-count]"), this.#missed ? plural("new-answers", this.#missed) : "");
  }

  #tell(what, detail = {}) {
    document.dispatchEvent(new CustomEvent(`chat:${what}`, { detail }));
  }
}

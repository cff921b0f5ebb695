import { clone, focusOn, keepFocus, setHidden, setText } from "../helpers/dom.js";
import { post } from "../helpers/http.js";
import { uuid, word } from "../helpers/text.js";
import { alarm, status } from "../models/announcer.js";
import { chat } from "../models/chat-state.js";
import { COMMANDS } from "../protocol.js";

// What the person asks for: shown at once, sent until answered, taken back in full when refused.

export class ThreadCommands {
  #root;
  #turns;
  #keeper;
  #echoes;
  #outbox;
  #send; // now or not at all; tells whether it went
  #shown; // the thread has changed
  #isOpen = false;
  #stopWanted = new Set(); // refs and messages to stop as soon as that is possible

  constructor(root, { turns, keeper, echoes, outbox, send, shown }) {
    this.#root = root;
    this.#turns = turns;
    this.#keeper = keeper;
    this.#echoes = echoes;
    this.#outbox = outbox;
    this.#send = send;
    this.#shown = shown;
  }

  // Asking

  ask({ ref, text, attachments = [], model }) {
    const conversation = chat.conversation || null;
    const parent = this.#turns.leaf || null;
    const temporary = (!conversation && "temporary" in this.#root.dataset) || undefined;
    const command = { type: COMMANDS.send, ref, conversation, parent, text, attachments, model, temporary };
    this.#begin(command, () => this.#echoQuestion(command));
  }

  edit({ message, text, attachments = [], model }) {
    const ref = uuid();
    const old = this.#turns.article(message);
    this.#begin({ type: COMMANDS.edit, ref, message, text, attachments, model }, () => {
      this.#keeper.hold(old, () => this.#echoes.edit(ref, text, attachments, old));
      this.#turns.anchor(this.#turns.echo(ref, "user").closest(".turn"));
    });
  }

  regenerate(article, model = null) {
    if (this.#isBusy()) return;
    const ref = uuid();
    const foot = (message) => message.querySelector("footer") ?? message;
    this.#begin({ type: COMMANDS.regenerate, ref, message: article.dataset.message, model }, () => {
      this.#keeper.hold(foot(article), () => foot(this.#echoes.answer(ref, article)));
      focusOn(this.#turns.echo(ref, "assistant"));
    });
  }

  goOn(article) {
    if (this.#isBusy()) return;
    const ref = uuid();
    this.#begin({ type: COMMANDS.continue, ref, message: article.dataset.message }, () => {
      focusOn(this.#echoes.resume(ref, article));
    });
  }

  openEditor(message, text = null, attachments = null, refusal = "") {
    const article = this.#turns.article(message);
    if (!article || article.querySelector("message-editor") || this.#isBusy()) return;
    const editor = clone("t-editor");
    if (!editor || !customElements.get(editor.localName)) return location.assign(`/m/${message}/edit`);
    this.#keeper.release();
    editor.message = { id: message, text: text ?? article.querySelector("[data-source]").value, attachments, refusal };
    article.append(editor);
    editor.scrollIntoView({ block: "nearest" });
  }

  editLast() {
    const questions = this.#turns.articles.filter(({ dataset }) => dataset.role === "user" && dataset.message);
    questions.at(-1)?.querySelector("[data-do=edit]")?.click(); // by its link, which waits for the editor's script
  }

  // A thumb shows at once and falls back if the server says no.
  async rate(button) {
    const isUp = button.getAttribute("aria-pressed") !== "true";
    const show = (up) => button.setAttribute("aria-pressed", String(up));
    show(isUp);
    const done = await post(button.formAction, { value: isUp ? "up" : "" });
    if (done.ok) button.nextElementSibling.removeAttribute("aria-current");
    else {
      show(!isUp);
      tell("toast", { text: done.message || word("not-saved") });
    }
  }

  showTold({ message, value }) {
    const thumb = this.#turns.article(message)?.querySelector("[data-do=rate]");
    if (!thumb) return;
    thumb.setAttribute("aria-pressed", "false");
    if (value) thumb.nextElementSibling.setAttribute("aria-current", "true");
    else thumb.nextElementSibling.removeAttribute("aria-current");
  }

  // Stopping

  stop(messages) {
    if (chat.sending && !chat.answering) this.#stopWanted.add(chat.sending);
    for (const message of messages) this.#sendStop(message);
  }

  ended(message) {
    this.#stopWanted.delete(message);
  }

  // What is under way

  connected() {
    this.#outbox.flush();
    for (const wanted of this.#stopWanted) if (!this.#outbox.has(wanted)) this.#sendStop(wanted);
  }

  // Questions of this tab that no server has answered yet, after a reload.
  echoWaiting() {
    for (const command of this.#outbox.commands) {
      if (command.type !== COMMANDS.send || (command.conversation ?? "") !== chat.conversation) continue;
      this.#echoQuestion(command);
      chat.set({ sending: command.ref });
    }
  }

  // A question that cannot leave says so, and can be taken back.
  showWaiting(isOpen) {
    this.#isOpen = isOpen;
    for (const { ref } of this.#outbox.commands) {
      const question = this.#turns.echo(ref, "user");
      const note = question?.querySelector("[data-waits]");
      setHidden(this.#turns.echo(ref, "assistant"), !isOpen);
      if (isOpen) note?.remove();
      else if (question && !note) question.append(clone("t-waits") ?? "");
    }
  }

  takeBack(article) {
    const command = this.#outbox.take(article.dataset.ref);
    if (command) this.#giveBack(command, { code: "taken_back", message: "" });
  }

  accepted({ ref, conversation, answer, branched }) {
    const isOurs = this.#echoes.has(ref);
    this.#outbox.take(ref);
    this.#echoes.keep(ref);
    if (chat.sending === ref) chat.set({ sending: "" });
    if (isOurs && location.search) history.replaceState(history.state, "", `/c/${conversation}`);
    if (this.#stopWanted.delete(ref)) this.#sendStop(answer);
    if (branched && isOurs) tell("toast", { text: word("branched") });
    tell("accepted", { ref, conversation });
  }

  refused({ ref, code, message }) {
    const command = ref && this.#outbox.take(ref);
    if (command) this.#giveBack(command, { code, message });
  }

  // Internal

  #isBusy() {
    const isBusy = Boolean(chat.sending || chat.answering);
    if (isBusy) status.answer(word("answer-first"));
    return isBusy;
  }

  // Show first, send second; what no server would read is refused here.
  #begin(command, show) {
    show();
    chat.set({ sending: command.ref });
    const isPut = this.#outbox.put(command);
    this.#shown();
    if (!isPut) this.#giveBack(command, { code: "too_long", message: word("too-long") });
    else status.say(word(this.#isOpen ? "sent" : "waits"));
  }

  #echoQuestion({ ref, text, attachments }) {
    const turn = this.#echoes.ask(ref, text, attachments, this.#root.querySelector("[data-hero]"));
    this.#turns.anchor(turn);
    this.#keeper.follow();
  }

  // The page as it was, the text where it can be mended, the reason beside it.
  #giveBack(command, { code, message }) {
    const { ref } = command;
    const isShown = this.#echoes.has(ref);
    keepFocus(this.#root, () => this.#echoes.takeBack(ref), () => this.#turns.articles.at(-1));
    this.#stopWanted.delete(ref);
    if (chat.sending === ref) chat.set({ sending: "" });
    this.#shown();
    tell("refused", { ref, code, message, command, isShown });
    if (command.type === COMMANDS.edit && isShown) this.openEditor(command.message, command.text, command.attachments, message);
    else if (command.type !== COMMANDS.send) this.#note(command.message, message);
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

  #sendStop(message) {
    if (!this.#send({ type: COMMANDS.stop, message })) this.#stopWanted.add(message);
  }
}

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`chat:${what}`, { detail }));

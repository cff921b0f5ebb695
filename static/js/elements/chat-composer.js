import { all, fit, focusOn, isCoarse, isComposing, isField, setHidden, tell } from "../helpers/dom.js";
import { debounce } from "../helpers/timing.js";
import { uuid, word } from "../helpers/text.js";
import { status } from "../models/announcer.js";
import { chat } from "../models/chat-state.js";
import { socket } from "../models/chat-socket.js";
import { DraftStore } from "../models/draft-store.js";

// The form at the bottom: text, model, Send that becomes Stop. It asks; the thread carries out. Where no thread
// listens (its script failed or is late) the form is sent as a form.

const SAVE_AFTER = 200; // ms after the last key
const STOP_DEAF = 300; // ms in which Stop ignores clicks: the second half of a double click on Send

export default class ChatComposer extends HTMLElement {
  #form;
  #field;
  #model;
  #button;
  #drafts;
  #dock;
  #refusal;
  #hint; // what an empty field says
  #key = ""; // conversation whose draft this is
  #ref = ""; // of the text that came back, so that sending it again cannot ask twice
  #refSignature = "";
  #answeringSince = -Infinity;
  #isStopping = false;
  #kept = null; // the draft as the page was left
  #told = ""; // what the button says
  #isWaiting = false; // for pictures that are still on their way
  #save = debounce(() => this.#saveDraft(), SAVE_AFTER);
  #leaving = new AbortController();

  // Lifecycle

  connectedCallback() {
    this.#form = this.querySelector("form");
    this.#field = this.#form.elements.text;
    this.#hint = this.#field.placeholder;
    this.#refusal = this.querySelector("[data-refusal]");
    this.#model = this.querySelector("select[name=model]");
    this.#model?.setAttribute("form", ""); // with each key browsers read a form through, for what they could fill in
    this.#button = this.#form.querySelector("[data-do=send]");
    this.#drafts = new DraftStore(document.getElementById("words")?.dataset.person ?? "");
    this.#key = chat.conversation || this.#form.elements.conversation.value;
    this.#drafts.prune();
    this.#restore();
    this.#listen();
    this.#update();
    this.#measure();
    if (!isCoarse() && (document.activeElement === document.body || !document.activeElement)) focusOn(this.#field);
  }

  disconnectedCallback() {
    this.#save.flush();
    this.#leaving.abort();
  }

  #measure() {
    this.#dock = this.closest(".dock");
    if (!this.#dock) return;
    for (const name of ["focusin", "focusout"]) this.#dock.addEventListener(name, () => this.#makeRoom());
    new ResizeObserver(() => this.#makeRoom()).observe(this.#dock); // which lasts as long as this
  }

  #listen() {
    const options = { signal: this.#leaving.signal };
    this.#form.addEventListener("submit", (event) => this.#submitted(event), options);
    this.#button.addEventListener("click", (event) => this.#pressed(event), options);
    this.#field.addEventListener("keydown", (event) => this.#keyed(event), options);
    this.#field.addEventListener("input", () => this.#typed(), options);
    this.#model?.addEventListener("change", () => this.#save(), options);
    chat.addEventListener("change", () => this.#changed(), options);
    socket.addEventListener("state", () => this.#update(), options);
    this.addEventListener("pictures", () => this.#picturesChanged(), options);
    document.addEventListener("click", (event) => this.#filled(event), options);
    document.addEventListener("keydown", (event) => this.#called(event), options);
    document.addEventListener("submit", (event) => this.#loggedOut(event), options);
    for (const name of ["paste", "dragover", "drop"]) document.addEventListener(name, (event) => this.#cameEarly(event), options);
    document.addEventListener("visibilitychange", () => this.#save.flush(), options);
    addEventListener("pagehide", () => this.#left(), options);
    addEventListener("pageshow", () => this.#returned(), options);
    const said = {
      anchored: () => this.#dock && this.#makeRoom(),
      accepted: (detail) => this.#accepted(detail),
      refused: (detail) => this.#refused(detail),
      "draft-came": (detail) => this.#came(detail),
      allowance: ({ text }) => tell(this.querySelector("[data-allowance]"), text),
      deleted: () => tell(this.#refusal, word("chat-deleted")),
      there: () => this.#refusal.textContent === word("chat-deleted") && tell(this.#refusal, ""),
      stopping: () => this.#showStopping(),
      focus: () => focusOn(this.#field),
      "pick-model": () => focusOn(this.#model),
    };
    for (const [name, heed] of Object.entries(said)) document.addEventListener(`chat:${name}`, ({ detail }) => heed(detail), options);
  }

  // Actions

  #keyed(event) {
    if (isComposing(event)) return;
    if (event.key === "Enter" && this.#entersSend(event)) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "Escape" && this.#isWaiting) {
      event.preventDefault();
      this.#wait(false);
    } else if (event.key === "ArrowUp" && this.#field.value === "" && !event.altKey) {
      event.preventDefault();
      document.dispatchEvent(new CustomEvent("chat:edit-last"));
    }
  }

  #entersSend(event) {
    if (event.ctrlKey || event.metaKey) return true;
    return !event.shiftKey && !event.altKey && !isCoarse() && this.#form.dataset.sendKey !== "ctrl_enter";
  }

  #called(event) {
    if (isComposing(event)) return;
    if (event.key === "Escape" && event.shiftKey) {
      event.preventDefault();
      focusOn(this.#field);
    }
  }

  #submitted(event) {
    if (this.#send() !== false) event.preventDefault();
  }

  // Send and Stop share one place.
  #pressed(event) {
    if (!this.#isBusy) {
      if (this.#isEmpty) {
        event.preventDefault();
        focusOn(this.#field);
      }
      return;
    }
    event.preventDefault();
    if (this.#isHeld) return status.answer(word("waits"));
    if (performance.now() - this.#answeringSince < STOP_DEAF || this.#isStopping) return;
    this.#showStopping();
    document.dispatchEvent(new CustomEvent("chat:stop"));
    if (!isCoarse()) focusOn(this.#field);
  }

  // False where nobody takes it: then the browser sends the form.
  #send() {
    const text = this.#field.value;
    if (this.#isEmpty) return true;
    if (this.#tray?.isUploading) return this.#wait(true);
    if (this.#tray?.problem) return status.answer(word(this.#tray.problem));
    const [pictures, model] = [this.#pictures, this.#model?.value || null];
    if (this.#isBusy) return offered("queue", { text, pictures, model }) ? this.#clear() : status.answer(word("answer-first"));
    const signature = JSON.stringify([text, pictures.map(({ id }) => id)]);
    const ref = this.#ref && signature === this.#refSignature ? this.#ref : uuid();
    tell(this.#refusal, "");
    if (!this.ask({ ref, text, pictures, model })) return this.#sendForm(ref);
    this.#save.cancel();
    if (chat.sending !== ref) return true; // refused on the spot: the text is back already
    this.#ref = "";
    return this.#clear();
  }

  // Also what has waited for the end of an answer. Tells whether somebody took it.
  ask({ ref, text, pictures, model }) {
    const isTaken = offered("ask", { ref, text, attachments: pictures.map(({ id }) => id), model });
    if (isTaken && chat.sending === ref) this.#drafts.hold(this.#key, ref, text, pictures);
    if (this.#field.value !== text) this.#save();
    return isTaken;
  }

  // In front of what has been typed since.
  putBack({ text, pictures = [] }) {
    const typed = this.#field.value;
    this.#give([...pictures, ...this.#pictures]);
    this.#write(typed.trim() && typed !== text ? `${text}\n\n${typed}` : text);
    this.#saveDraft();
  }

  #clear() {
    this.#give([]);
    this.#write("");
    this.#save();
    focusOn(this.#field);
    return true;
  }

  #sendForm(ref) {
    this.#model?.removeAttribute("form");
    this.#form.elements.ref.value = ref;
    this.#drafts.hold(this.#key, ref, this.#field.value);
    return false;
  }

  #typed() {
    tell(this.#refusal, "");
    if (this.#ref && !chat.sending) this.#drafts.release(this.#key); // what came back is a draft like any other now
    this.#save();
    this.#update();
  }

  // Sends when uploaded; anything that changes the pictures may be the end of the wait.
  #picturesChanged() {
    this.#save();
    this.#update();
    if (!this.#isWaiting || this.#tray.isUploading) return;
    this.#wait(false);
    this.#send();
  }

  #wait(isWaiting) {
    this.#isWaiting = isWaiting;
    if (isWaiting) status.answer(word("sends-when-uploaded"));
    this.#update();
    return true;
  }

  // A starter fills the field and waits.
  #filled(event) {
    const starter = event.target.closest("[data-do=starter]");
    if (!starter) return;
    event.preventDefault();
    this.#write([this.#field.value.trim(), starter.dataset.text ?? starter.textContent.trim()].filter(Boolean).join("\n\n"));
    this.#save();
    focusOn(this.#field);
  }

  #left() {
    this.#save.flush();
    this.#kept = this.#drafts.load(this.#key).text;
  }

  // From the browser's cache: what has become of the draft elsewhere meanwhile counts.
  #returned() {
    const { text, pictures } = this.#drafts.load(this.#key);
    if (this.#kept === null || text === this.#kept) return;
    this.#give(pictures);
    this.#write(text);
  }

  // Pictures that are faster than the script of their tray wait for it; a file must never replace the page.
  #cameEarly(event) {
    if (!this.#tray || customElements.get("picture-tray")) return;
    const { clipboardData, dataTransfer, target, type } = event;
    if (!dataTransfer?.types.includes("Files") && (!clipboardData?.files.length || clipboardData.getData("text/plain"))) return;
    if (clipboardData && isField(target) && target !== this.#field) return;
    event.preventDefault();
    const files = [...(clipboardData ?? dataTransfer).files];
    if (type !== "dragover") customElements.whenDefined("picture-tray").then(() => this.#tray.take(files));
  }

  // What has just been typed goes to the server; nothing stays for whoever sits here next.
  #loggedOut(event) {
    if (!event.target.matches("[data-logout], [action*=logout]")) return;
    this.#save.cancel();
    this.#saveDraft(event);
    this.#drafts.clear();
  }

  // From another device; what has been typed here meanwhile stays.
  #came({ key, was, text }) {
    if (key !== this.#key || this.#field.value !== was) return;
    this.#write(text);
    this.#saveDraft();
  }

  // What the thread says

  #accepted({ ref, conversation }) {
    if (this.#drafts.load(this.#key).sent?.ref !== ref) return;
    this.#drafts.release(this.#key);
    for (const option of this.#model?.options ?? []) option.toggleAttribute("selected", option.selected); // the chat's own now
    this.#tellDraft();
    this.#move(conversation);
  }

  // The text comes back in front of what has been typed since.
  #refused({ ref, message, command, isShown }) {
    if (command.type !== "send") return;
    const { sent } = this.#drafts.load(this.#key);
    if (!isShown && sent?.ref !== ref) return;
    this.#drafts.release(this.#key);
    this.putBack({ text: command.text, pictures: sent?.pictures });
    this.#keepRef(ref, command.text, command.attachments);
    tell(this.#refusal, message);
    focusOn(this.#field);
  }

  #changed() {
    if (this.#isBusy && this.#answeringSince === -Infinity) this.#answeringSince = performance.now();
    if (!this.#isBusy) [this.#answeringSince, this.#isStopping] = [-Infinity, false];
    this.#update();
  }

  // Internal

  get #isEmpty() {
    return this.#field.value.trim() === "" && !this.#tray?.isUploading && this.#pictures.length === 0;
  }

  get #tray() {
    return this.querySelector("picture-tray");
  }

  // Before the tray's script has come, what a draft gave it.
  get #pictures() {
    return this.#tray?.attachments ?? JSON.parse(this.#tray?.dataset.given || "[]");
  }

  get #isBusy() {
    return chat.answering || chat.sending !== "";
  }

  // A question waits for the connection: there is nothing to stop yet, and it can be taken back.
  get #isHeld() {
    return chat.sending !== "" && !chat.answering && !socket.isOpen;
  }

  // The model that was chosen, where it is not the one that the page came with.
  get #otherModel() {
    const option = this.#model?.selectedOptions[0];
    return option && !option.defaultSelected ? option.value : "";
  }

  // Text that the server gave back counts more than a draft, and a draft more than nothing. What was sent by a tab
  // that is gone comes back under its own ref.
  #restore() {
    const { text, model, pictures, sent } = this.#drafts.load(this.#key);
    const isWaiting = sent && chat.sending === sent.ref;
    const comesBack = sent && !isWaiting && !chat.sending;
    if (this.#field.value === "") this.#field.value = comesBack ? [sent.text, text].filter(Boolean).join("\n\n") : text;
    if (sent && !isWaiting) this.#keepRef(sent.ref, sent.text, sent.pictures?.map(({ id }) => id));
    const given = comesBack ? [...(sent.pictures ?? []), ...pictures] : pictures;
    this.#give(given);
    const knows = [...(this.#model?.options ?? [])].some((option) => option.value === model && !option.disabled);
    if (knows) this.#model.value = model;
  }

  #keepRef(ref, text, attachments = []) {
    this.#ref = ref;
    this.#refSignature = JSON.stringify([text, attachments]);
  }

  // To a tray whose script has not come yet by an attribute.
  #give(pictures) {
    if (!this.#tray) return;
    this.#tray.dataset.given = JSON.stringify(pictures);
    if (pictures.length > 0) document.dispatchEvent(new Event("chat:pictures"));
    this.#tray.give?.(pictures);
  }

  // `leaving` is the event of a form that signs out, which waits for this one.
  #saveDraft(leaving) {
    const [text, model, pictures] = [this.#field.value, this.#otherModel, this.#pictures];
    this.#drafts.save(this.#key, { text, model, pictures });
    this.#tellDraft(leaving);
  }

  #tellDraft(leaving) {
    document.dispatchEvent(new CustomEvent("chat:draft", { detail: { key: this.#key, leaving } }));
  }

  // A new chat has become a conversation: what is typed goes along.
  #move(conversation) {
    if (this.#key === conversation) return;
    this.#save.cancel();
    this.#drafts.save(this.#key, { text: "" });
    this.#key = conversation;
    this.#form.elements.conversation.value = conversation;
    this.#saveDraft();
  }

  // What the dock leaves is the room below a question, and what a jump has to stay clear of; not while somebody writes, or
  // each new line would scroll. Nothing that is inherited: the browser would style the page again with each of them.
  #makeRoom() {
    const height = `${this.#dock.offsetHeight}px`;
    const isWriting = this.#dock.matches(":focus-within");
    document.documentElement.style.scrollPaddingBlockEnd = isWriting ? 0 : `calc(${height} + var(--s4))`;
    for (const turn of all("[data-anchor]")) turn.style.setProperty("--composer", height);
  }

  #write(text) {
    this.#field.value = text;
    this.#update();
  }

  #showStopping() {
    this.#isStopping = true;
    this.#update();
  }

  #update() {
    fit(this.#field);
    const isOver = this.#field.value.length > Number(this.#field.dataset.max || Infinity);
    const state = chat.answering ? "answering" : chat.sending ? "sending" : this.#isWaiting ? "uploading" : this.#isEmpty ? "empty" : isOver ? "over" : "ready";
    if (this.#form.dataset.state !== state) this.#form.dataset.state = state;
    const action = this.#isBusy && !this.#isHeld ? "stop" : "send";
    const says = this.#isHeld ? "waits" : this.#isStopping ? "stopping" : this.#isWaiting ? "sends-when-uploaded" : action;
    const isBlank = this.#field.value === "";
    const told = state + says + isBlank;
    if (this.#told === told) return; // most keys change nothing
    this.#told = told;
    if (isBlank) this.#field.placeholder = this.#hint;
    else this.#field.removeAttribute("placeholder"); // which the browser would style again with each key
    this.#button.dataset.do = action;
    this.#button.ariaDisabled = state === "empty" || this.#isStopping || this.#isHeld;
    this.#button.ariaLabel = word(says);
    this.#button.title = state === "empty" ? this.#hint : word(says); // why it does nothing
    for (const part of all("[data-when]", this.#button)) setHidden(part, part.dataset.when !== action);
  }
}

const offered = (name, detail) => !document.dispatchEvent(new CustomEvent(`chat:${name}`, { detail, cancelable: true }));

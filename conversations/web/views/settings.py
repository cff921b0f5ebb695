"""What a person can choose, a section a page; each form saves itself."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from conversations import catalogue, quotas
from conversations.models import ChatModel, User
from conversations.models.users import MOST_INSTRUCTIONS, READING
from conversations.web.context import THEMES
from conversations.web.people import PersonRequest, for_people, is_script
from conversations.web.views.site import keep_theme


class Section(forms.ModelForm):  # type: ignore[type-arg]
    """Some of what is kept with the account."""

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def __init__(self, request: PersonRequest) -> None:
        super().__init__(request.POST or None, instance=request.user, initial=self.kept(request))

    def kept(self, request: PersonRequest) -> dict[str, str]:
        """Return what is not in a column of its own."""
        return {}


class Profile(Section):
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        required=False,
        max_length=150,
        widget=forms.TextInput({"autocomplete": "name"}),
    )

    class Meta(Section.Meta):
        fields = ("name",)


def _choice(
    label: object, choices: list[tuple[str, object]], name: str = "", help_text: object = ""
) -> forms.ChoiceField:
    """Make a choice that the page's script shows at once; one of ``READING`` as ``data-{name}`` of the root."""
    marks = {"data-root": name, "data-usual": READING.get(name, THEMES)[0]} if name else {}
    return forms.ChoiceField(label=label, choices=choices, widget=forms.Select(marks), help_text=help_text)  # type: ignore[arg-type]


class Reading(Section):
    """How pages are shown. The theme is kept in a cookie of this browser, the rest with the account."""

    theme = _choice(
        gettext_lazy("Theme"),
        [
            ("system", gettext_lazy("As the system")), ("light", gettext_lazy("Light")), ("dark", gettext_lazy("Dark")),
        ],
        "theme",
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    size = _choice(
        gettext_lazy("Text size"),
        [("s", gettext_lazy("Small")), ("m", gettext_lazy("Medium")), ("l", gettext_lazy("Large"))],
        "size",
    )
    width = _choice(
        gettext_lazy("Width of lines"),
        [("comfortable", gettext_lazy("Comfortable")), ("wide", gettext_lazy("Wide"))],
        "width",
    )
    smooth = _choice(
        gettext_lazy("Smooth text"),
        [("on", gettext_lazy("On")), ("off", gettext_lazy("Off"))],
        "smooth",
        gettext_lazy("Off: each piece of an answer is shown as soon as it comes."),
    )
    announce = _choice(
        gettext_lazy("A screen reader says"),
        [
            ("finished", gettext_lazy("when an answer begins and ends")),
            ("sentences", gettext_lazy("each sentence as it is finished")),
            ("off", gettext_lazy("nothing about answers")),
        ],
        "announce",
    )
    send_key = forms.ChoiceField(label=gettext_lazy("Send with"), choices=User.SendKey.choices)

    class Meta(Section.Meta):
        fields = ("language", "send_key")

    def __init__(self, request: PersonRequest) -> None:
        super().__init__(request)
        self.order_fields(["theme", "language", "size", "width", "smooth", "announce", "send_key"])
        self.fields["language"].choices = [("", gettext("As the browser")), *settings.LANGUAGES]  # type: ignore[attr-defined]

    def kept(self, request: PersonRequest) -> dict[str, str]:
        theme = request.COOKIES.get("theme", "")
        usual = {name: values[0] for name, values in READING.items()}
        return usual | request.user.reading_marks | {"theme": theme if theme in THEMES else "system"}

    def save(self, commit: bool = True) -> User:
        chosen = {name: self.cleaned_data[name] for name, (usual, *_) in READING.items()}
        self.instance.reading = {name: one for name, one in chosen.items() if one != READING[name][0]} or None
        saved: User = super().save(commit)
        return saved


class Chat(Section):
    default_model: forms.ModelChoiceField[ChatModel] = forms.ModelChoiceField(
        label=gettext_lazy("Model for new chats"),
        required=False,
        queryset=None,
        empty_label=gettext_lazy("The first one"),
    )
    instructions = forms.CharField(
        label=gettext_lazy("Instructions for every chat"),
        required=False,
        max_length=MOST_INSTRUCTIONS,
        widget=forms.Textarea({"rows": 5, "class": "field", "dir": "auto"}),
        help_text=gettext_lazy("Who you are, how answers should sound. They go along with every question."),
    )

    favourites = forms.MultipleChoiceField(
        label=gettext_lazy("Favourite models"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("They stand first where you choose a model."),
    )

    class Meta(Section.Meta):
        fields = ("default_model", "instructions")

    def __init__(self, request: PersonRequest) -> None:
        super().__init__(request)
        self.order_fields(["default_model", "favourites", "instructions"])
        models = catalogue.chat_models_for(request.user)
        usable = [model.pk for model in models]
        self.fields["default_model"].queryset = ChatModel.objects.filter(pk__in=usable)  # type: ignore[attr-defined]
        self.fields["favourites"].choices = [(model.key, model.label) for model in models]  # type: ignore[attr-defined]
        self.initial["favourites"] = request.user.favourite_models or []

    def save(self, commit: bool = True) -> User:
        self.instance.favourite_models = self.cleaned_data["favourites"] or None
        saved: User = super().save(commit)
        return saved


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def show(request: PersonRequest) -> HttpResponse:
    return _section(request, Profile(request), gettext("Profile"), bounds=quotas.bounds_of(request.user))


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def reading(request: PersonRequest) -> HttpResponse:
    return _section(request, Reading(request), gettext("Reading"), saves_itself=True)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def chat(request: PersonRequest) -> HttpResponse:
    return _section(request, Chat(request), gettext("Chat"))


def _section(request: PersonRequest, form: Section, heading: str, **more: object) -> HttpResponse:
    """Save what was sent and say so beside the button, or show what is wrong with it."""
    if request.method == "POST" and form.is_valid():
        form.save()
        response = _saved(request)
        keep_theme(request, response, form.cleaned_data.get("theme", ""))
        return response
    if request.method == "POST":
        request.user.refresh_from_db()  # a form writes into its row even where it refuses
        if is_script(request):
            return HttpResponse(status=400)
    return render(request, "settings/show.html", {"form": form, "heading": heading, **more})


def _saved(request: PersonRequest) -> HttpResponse:
    if is_script(request):
        return HttpResponse(status=204)
    with translation.override(request.user.language or translation.get_language()):
        messages.success(request, gettext("Saved."))
    return redirect(request.path)

"""Building an image, whose RUN steps are containers."""

from rig import image
from rig.steps import Steps

steps = Steps()
TAG = "localhost/built:latest"


def build(engine, lines, *options, base=image.NAME, **call):
    folder = engine.place.path("context")
    engine.place.write("context/Dockerfile", "\n".join([f"FROM {base}", *lines]) + "\n")
    return engine(*engine.build_words, "--tag", TAG, *options, folder, **call)


@steps.step
def build_image(engine):
    build(engine, ["ENV A=b", "WORKDIR /made", "RUN echo $A >file && id -u >>file",
                   "USER alice", "RUN id -un >/tmp/user"]).ok()
    try:
        return engine.run_image(TAG, "sh", "-c", "cat /made/file /tmp/user; pwd; id -u").ok().text
    finally:
        engine("rmi", TAG)


@steps.step
def build_that_fails(engine):
    said = build(engine, ["RUN exit 7"])
    return f"exit {said.status}"


@steps.step
def build_with_a_program_that_is_not_there(engine):
    said = build(engine, ['RUN ["/no/such"]'])
    return f"exit {said.status}"


@steps.step
def build_without_a_network(engine):
    build(engine, ["RUN ip -o link | wc -l >/links"], "--network", "none").ok()
    try:
        return engine.run_image(TAG, "cat", "/links").ok().text
    finally:
        engine("rmi", TAG)

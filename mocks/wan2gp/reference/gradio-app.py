"""A real Gradio server with functions named and chained as Wan2GP's, to hold the contract to.

A real Wan2GP needs a GPU and tens of gigabytes of weights; its protocol is Gradio's, and Gradio runs anywhere:

    python -m venv venv && venv/bin/pip install gradio==5.29.0 requests
    venv/bin/python gradio-app.py 7861
    npm run -s conformance -- --url http://127.0.0.1:7861 --allow-destructive

What the functions do is made up here; how the server carries it is Gradio's own. Form fields that the contract does
not set are left out, as is the second copy of the chain.
"""

import os
import sys
import tempfile
import time

import gradio as gr

OUTPUTS = tempfile.mkdtemp(prefix="gradio-reference-")
# The first box of an MP4 file, and padding: enough for a client that looks at the type and asks for a range.
VIDEO = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(900)
STEP_SECONDS = 0.05


def stamp():
    return str(time.time())


def init_generate(state, input_file_list, last_choice, audio_files_paths, audio_file_selected):
    return stamp(), ""


def validate_wizard_prompt(state, wizard_prompt_activated, wizard_variables_names, prompt, wizard_prompt, *args):
    return prompt


def save_inputs(target, prompt, seed, num_inference_steps, mode, state, plugin_data):
    state["form"] = {"prompt": prompt, "seed": seed, "steps": int(num_inference_steps)}


def process_prompt_and_add_tasks(state, current_gallery_tab, model_choice):
    if "form" not in state:
        raise gr.Error("Unable to find the form. Please refresh the page")
    state.setdefault("queue", []).append(state["form"])
    return "<div>queue</div>", gr.update(open=True)


def prepare_generate_media(state):
    return gr.update(visible=False), gr.update(visible=True), gr.update(visible=True), gr.update(visible=True)


def activate_status(state):
    return stamp()


def refresh_status_async(state, progress=gr.Progress()):
    yield ""
    while state.get("running", True):
        if "progress" in state:
            progress(state["progress"], desc="Denoising", unit="steps")
        time.sleep(0.1)
    yield state.get("status", "")


def process_tasks(state):
    if not state.get("queue"):
        return
    state["running"] = True
    yield stamp(), stamp(), gr.update()
    task = state["queue"].pop(0)
    for step in range(1, task["steps"] + 1):
        time.sleep(STEP_SECONDS)
        state["progress"] = (step, task["steps"])
        yield stamp(), gr.update(), gr.update()
    path = os.path.join(OUTPUTS, time.strftime("%Y-%m-%d-%Hh%Mm%Ss") + f"_seed{task['seed']}_reference.mp4")
    with open(path, "wb") as file:
        file.write(VIDEO)
    state.setdefault("files", []).append(path)
    yield stamp(), stamp(), gr.update()
    state["status"] = "Total Generation Time: 1s"
    state["running"] = False


def finalize_generation(state):
    return gr.update(), 0, gr.update(value=state.get("files", []), selected_index=0)


with gr.Blocks(title="WanGP") as page:
    state, plugin_data = gr.State({}), gr.State({})
    target = gr.Textbox("state")
    gallery, last, audio, audio_index = gr.Gallery(), gr.Number(-1), gr.Textbox("[]"), gr.Number(-1)
    trigger, mode, wizard, variables = gr.Textbox(), gr.Textbox(""), gr.Textbox("off"), gr.Textbox("")
    prompt, wizard_prompt, seed, steps = gr.Textbox(""), gr.Textbox(""), gr.Number(-1), gr.Number(30)
    prompt_variables = [gr.Textbox("") for _ in range(10)]
    tabs, tab, model, queue_html, accordion = gr.Tabs(), gr.Number(0), gr.Textbox("t2v"), gr.HTML(), gr.Accordion()
    generate, add = gr.Button("generate"), gr.Button("add")
    status_trigger, status = gr.Textbox(), gr.Textbox()
    preview_trigger, output_trigger, models_trigger = gr.Textbox(), gr.Textbox(), gr.Textbox()
    status_trigger.change(refresh_status_async, [state], [status])
    chain = generate.click(init_generate, [state, gallery, last, audio, audio_index], [trigger, mode])
    chain = chain.then(
        validate_wizard_prompt, [state, wizard, variables, prompt, wizard_prompt, *prompt_variables], [prompt]
    )
    chain = chain.then(save_inputs, [target, prompt, seed, steps, mode, state, plugin_data], [])
    chain = chain.then(process_prompt_and_add_tasks, [state, tab, model], [queue_html, accordion])
    chain = chain.then(prepare_generate_media, [state], [generate, add, accordion, accordion])
    chain = chain.then(activate_status, [state], [status_trigger])
    chain = chain.then(process_tasks, [state], [preview_trigger, output_trigger, models_trigger])
    chain.then(finalize_generation, [state], [tabs, tab, gallery])

page.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), allowed_paths=[OUTPUTS])

"""What agents and programs are told of the functions: Gradio's descriptions, made exact.

Gradio leaves out defaults such as false, lets unknown arguments through, gives agents Python's way
to write a result instead of JSON, and describes neither arguments nor results in its OpenAPI.
"""

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import gradio as gr
from mcp import types

__all__ = ["agents_told", "openapi"]

_Schema = dict[str, Any]

_INSTRUCTIONS = (
    "Quoth answers questions from a collection of articles with words quoted from them. Ask with "
    '"answer"; quote its quotes letter for letter and name each source with its date. "not_found" '
    "means that the articles do not answer: say so instead of guessing."
)


def agents_told(page: gr.Blocks) -> None:
    """Give agents exact schemas, results as JSON, and how to use them; for a page that is mounted."""
    tools = page.mcp_server_obj
    before: Callable[..., tuple[_Schema, list[Any]]] = tools.get_input_schema

    def schema(name: str, described: dict[str, str] | None = None) -> tuple[_Schema, list[Any]]:
        given, files = before(name, described)
        endpoint = tools.api_info["named_endpoints"][tools.tool_to_endpoint[name]]
        return _exact(given, endpoint["parameters"]), files

    def told(data: list[Any], _root: str) -> list[types.TextContent]:
        return [types.TextContent(type="text", text=_text(value)) for value in data]

    tools.get_input_schema = schema
    tools.postprocess_output_data = told
    server = tools.mcp_server
    server.version, server.instructions = version("quoth"), _INSTRUCTIONS
    listing = server.request_handlers[types.ListToolsRequest]

    async def listed(request: types.ListToolsRequest) -> types.ServerResult:
        result: types.ServerResult = await listing(request)
        if isinstance(result.root, types.ListToolsResult):
            for tool in result.root.tools:
                tool.annotations = types.ToolAnnotations(readOnlyHint=True, openWorldHint=False)
        return result

    server.request_handlers[types.ListToolsRequest] = listed


def openapi(page: gr.Blocks, root: str, users: bool) -> _Schema:
    """The functions in OpenAPI 3.1, for a page that is mounted: ``root`` is where people see it."""
    tools = page.mcp_server_obj
    paths: _Schema = {}
    for name, endpoint in tools.tool_to_endpoint.items():
        called = endpoint.removeprefix("/")
        said, described = tools.get_fn_description(
            tools.get_block_fn_from_endpoint_name(endpoint), name
        )
        arguments, _ = tools.get_input_schema(name, described)
        result = tools.api_info["named_endpoints"][endpoint]["returns"][0]["type"]
        paths[f"/gradio_api/call/v2/{called}"] = {"post": _asked(called, said, arguments)}
        paths[f"/gradio_api/call/{called}/{{event_id}}"] = {"get": _fetched(called, result)}
    whole: _Schema = {
        "openapi": "3.1.0",
        "info": {
            "title": "Quoth",
            "version": version("quoth"),
            "description": "Every call takes two requests: POST gives an event_id, GET its result.",
        },
        "servers": [{"url": root or "/"}],
        "paths": paths,
    }
    if users:
        whole["components"] = {"securitySchemes": {"user": {"type": "http", "scheme": "basic"}}}
        whole["security"] = [{"user": []}]
    return whole


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _exact(schema: _Schema, parameters: list[_Schema]) -> _Schema:
    properties = {name: dict(kind) for name, kind in schema["properties"].items()}
    for parameter in parameters:
        kind = properties[parameter["parameter_name"]]
        if "oneOf" in kind:  # "or null", last and in the way that most agents know
            kind["anyOf"] = sorted(kind.pop("oneOf"), key=lambda one: one == {"type": "null"})
        if parameter.get("parameter_has_default"):
            kind["default"] = parameter["parameter_default"]
    return schema | {"properties": properties, "additionalProperties": False}


def _asked(name: str, said: str, arguments: _Schema) -> _Schema:
    event = {"type": "object", "properties": {"event_id": {"type": "string"}}, "required": ["event_id"]}  # fmt: skip
    return {
        "operationId": name,
        "summary": said.partition(". ")[0].rstrip(".") + ".",
        "description": f"{said} The result is at GET /gradio_api/call/{name}/{{event_id}}.",
        "requestBody": {"required": True, "content": _json(arguments)},
        "responses": {"200": {"description": "Where the result is.", "content": _json(event)}}
        | _refusals(400, 401, 413, 429),
    }


def _fetched(name: str, result: _Schema) -> _Schema:
    return {
        "operationId": f"{name}_result",
        "summary": f"The result of {name}.",
        "description": 'A stream of events that ends with "complete", whose data is a JSON list of one '
        f'result ({json.dumps(result)}), or with "error", whose data is {{"error": one line}}.',
        "parameters": [
            {"name": "event_id", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        "responses": {
            "200": {
                "description": "Events.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        }
        | _refusals(401, 404),
    }


def _refusals(*statuses: int) -> _Schema:
    detail = {"type": "object", "properties": {"detail": {"type": "string"}}}
    said = {400: "Wrong arguments", 401: "No user's name and password", 404: "No such result"}
    said |= {413: "Too large", 429: "Too often"}
    return {str(s): {"description": f"{said[s]}.", "content": _json(detail)} for s in statuses}


def _json(schema: _Schema) -> _Schema:
    return {"application/json": {"schema": schema}}

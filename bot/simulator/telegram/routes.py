"""The HTTP face of the fake Bot API: `/bot{token}/{method}` and `/file/bot{token}/{path}`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.simulator.telegram.errors import BotError
from bot.simulator.telegram.parameters import read_parameters
from bot.simulator.telegram.platform import FakeTelegram

NOT_FOUND = 404


def telegram_routes(telegram: FakeTelegram) -> list[Route]:
    async def call(request: Request) -> Response:
        token, method = request.path_params["token"], request.path_params["method"]
        try:
            parameters = await read_parameters(request)
        except BotError as error:
            return error.as_answer().as_response()
        return (await telegram.call(token, method, parameters)).as_response()

    async def file(request: Request) -> Response:
        parts = request.path_params["path"].split("/")
        stored = telegram.media.find(parts[1]) if len(parts) > 1 else None
        fault = telegram.faults.strike("file")
        if request.path_params["token"] != telegram.token or stored is None or fault is not None:
            return Response("Not Found", status_code=fault.status if fault else NOT_FOUND)
        return Response(stored.data, media_type=stored.mime)

    return [
        Route("/bot{token}/{method}", call, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path:path}", file, methods=["GET"]),
    ]

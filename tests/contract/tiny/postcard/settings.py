"""What an account at the post office needs."""

from pydantic import BaseModel, Field, SecretStr


class PostcardCredentials(BaseModel):
    token: SecretStr = Field(description="Proves us to the post office when we send.")
    stamp: SecretStr = Field(description="The post office signs what it delivers with it.")
    url: str = Field(default="https://post.example", description="Where the post office is.")
